//! Tags and attributes of users.

use serde_json::{Map, Value, json};

use super::Request;
use super::body::{list, member, missing, text, texts};
use super::frame::{Answer, Refused, internal, object};
use super::push::{WORD, check_tag};
use super::send::errors;
use crate::store::AttributeName;

/// How many users a call may name.
const USERS: usize = 100;

/// `add_tag`.
pub(super) async fn add_tag(request: Request) -> Answer {
    let replace = request.flag("Replace")?.unwrap_or(false);
    let (tags, unknown) =
        users_with(&request, "UserTags", |item| tags_of(item, if replace { 100 } else { 10 })).await?;
    let added = request.im.gateway.store().add_tags(&tags, replace).await;
    let added = added.map_err(|error| internal(&error, request.row.codes))?;
    added.map_err(|limit| Refused::new(90032, limit.to_string()))?;
    Ok(listed(&unknown))
}

/// `get_tag`.
pub(super) async fn get_tag(request: Request) -> Answer {
    let (known, unknown) = users(&request).await?;
    let mut all = Vec::with_capacity(known.len());
    for account in known {
        let tags = request.im.gateway.store().tags(&account).await;
        let tags = tags.map_err(|error| internal(&error, request.row.codes))?;
        all.push(json!({ "To_Account": account, "Tags": tags }));
    }
    Ok(with("UserTags", all.into(), &unknown))
}

/// `remove_tag`.
pub(super) async fn remove_tag(request: Request) -> Answer {
    let (tags, unknown) = users_with(&request, "UserTags", |item| tags_of(item, 100)).await?;
    let removed = request.im.gateway.store().remove_tags(&tags).await;
    removed.map_err(|error| internal(&error, request.row.codes))?;
    Ok(listed(&unknown))
}

/// `remove_all_tags`.
pub(super) async fn remove_all_tags(request: Request) -> Answer {
    let (known, unknown) = users(&request).await?;
    let removed = request.im.gateway.store().remove_all_tags(&known).await;
    removed.map_err(|error| internal(&error, request.row.codes))?;
    Ok(listed(&unknown))
}

/// `set_attr_name`.
pub(super) async fn set_attr_name(request: Request) -> Answer {
    let code = request.row.codes.malformed;
    let map = |name: &str| {
        let read = |value: &Value| value.as_object().cloned();
        let not = || Refused::new(code, format!("{name} is not an object"));
        request.member(name).map(|value| read(value).ok_or_else(not)).transpose()
    };
    let names = map("AttrNames")?.ok_or_else(|| missing("AttrNames", code))?;
    let types = map("AttrTypes")?.unwrap_or_default();
    let mut read = Vec::with_capacity(names.len());
    for (number, name) in &names {
        let bad = || Refused::new(90033, format!("AttrNames has {number:?}; \"0\" to \"9\" are allowed"));
        let place = number.parse::<u8>().ok().filter(|place| *place <= 9).ok_or_else(bad)?;
        let name = word(text(name, "AttrNames", 90033)?, "an attribute's name")?;
        let of_installations = types.get(number).and_then(Value::as_i64) == Some(1);
        read.push(AttributeName { number: place, name, of_installations });
    }
    let set = request.im.gateway.store().set_attribute_names(&read).await;
    set.map_err(|error| internal(&error, request.row.codes))?;
    Ok(Map::new())
}

/// `get_attr_name`.
pub(super) async fn get_attr_name(request: Request) -> Answer {
    let names = request.im.gateway.store().attribute_names().await;
    let names = names.map_err(|error| internal(&error, request.row.codes))?;
    let names: Map<String, Value> =
        names.into_iter().map(|known| (known.number.to_string(), known.name.into())).collect();
    Ok(object(json!({ "AttrNames": names })))
}

/// `set_attr`.
pub(super) async fn set_attr(request: Request) -> Answer {
    let read = |item: &Map<String, Value>| {
        let given = member(item, "Attrs").and_then(Value::as_object);
        let given = given.ok_or_else(|| Refused::new(90033, "Attrs is not an object of names and values"))?;
        let one = |(name, value): (&String, &Value)| {
            Ok((name.clone(), word(text(value, name, 90033)?, "an attribute's value")?))
        };
        given.iter().map(one).collect::<Result<Vec<_>, Refused>>()
    };
    let (attributes, unknown) = users_with(&request, "UserAttrs", read).await?;
    let names: Vec<&str> =
        attributes.iter().flat_map(|(_, attributes)| attributes).map(|(name, _)| name.as_str()).collect();
    request.check_attributes(&names).await?;
    let set = request.im.gateway.store().set_attributes(&attributes).await;
    set.map_err(|error| internal(&error, request.row.codes))?;
    Ok(listed(&unknown))
}

/// `get_attr`.
pub(super) async fn get_attr(request: Request) -> Answer {
    let (known, unknown) = users(&request).await?;
    let mut all = Vec::with_capacity(known.len());
    for account in known {
        let attributes = request.im.gateway.store().attributes(&account).await;
        let attributes = attributes.map_err(|error| internal(&error, request.row.codes))?;
        let attributes: Map<_, _> = attributes.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        all.push(json!({ "To_Account": account, "Attrs": attributes }));
    }
    Ok(with("UserAttrs", all.into(), &unknown))
}

/// `remove_attr`, where the attributes are a list of names.
pub(super) async fn remove_attr(request: Request) -> Answer {
    let read = |item: &Map<String, Value>| {
        let given = member(item, "Attrs").ok_or_else(|| missing("Attrs", 90033))?;
        texts(list(given, "Attrs", 90033)?, "Attrs", 90033)
    };
    let (names, unknown) = users_with(&request, "UserAttrs", read).await?;
    let removed = request.im.gateway.store().remove_attributes(&names).await;
    removed.map_err(|error| internal(&error, request.row.codes))?;
    Ok(listed(&unknown))
}

/// The users that a call names, known and unknown.
async fn users(request: &Request) -> Result<(Vec<String>, Vec<String>), Refused> {
    let accounts = request.accounts("To_Account", request.row.codes.malformed, (USERS, 90018))?;
    request.sort(accounts).await
}

/// The known users that a call names with something for each, and the unknown ones.
async fn users_with<T>(
    request: &Request,
    name: &str,
    read: impl Fn(&Map<String, Value>) -> Result<T, Refused>,
) -> Result<(Vec<(String, T)>, Vec<String>), Refused> {
    let code = request.row.codes.malformed;
    let items = request.need_list(name, code)?;
    if items.is_empty() {
        return Err(Refused::new(code, format!("{name} is empty")));
    }
    if items.len() > USERS {
        return Err(Refused::new(90018, format!("{name} has {} users; at most {USERS} are allowed", items.len())));
    }
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let item =
            item.as_object().ok_or_else(|| Refused::new(code, format!("{name} has an item that is no object")))?;
        let account = member(item, "To_Account").ok_or_else(|| missing("To_Account", code))?;
        all.push((text(account, "To_Account", 60015)?.to_owned(), read(item)?));
    }
    let (_, unknown) = request.sort(all.iter().map(|(account, _)| account.clone()).collect()).await?;
    all.retain(|(account, _)| !unknown.contains(account));
    Ok((all, unknown))
}

fn tags_of(item: &Map<String, Value>, most: usize) -> Result<Vec<String>, Refused> {
    let tags = member(item, "Tags").ok_or_else(|| missing("Tags", 90001))?;
    let tags = texts(list(tags, "Tags", 90001)?, "Tags", 90001)?;
    if tags.len() > most {
        return Err(Refused::new(90032, format!("Tags has {} tags; at most {most} are allowed", tags.len())));
    }
    tags.iter().try_for_each(|tag| check_tag(tag))?;
    Ok(tags)
}

fn word(text: &str, what: &str) -> Result<String, Refused> {
    let size = text.len();
    if (1..=WORD).contains(&size) {
        Ok(text.to_owned())
    } else {
        Err(Refused::new(90033, format!("{what} has {size} bytes; 1 to {WORD} are allowed")))
    }
}

fn listed(unknown: &[String]) -> Map<String, Value> {
    object(json!({ "ErrorList": errors(unknown) }))
}

fn with(name: &str, all: Value, unknown: &[String]) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert(name.into(), all);
    answer.extend(listed(unknown));
    answer
}
