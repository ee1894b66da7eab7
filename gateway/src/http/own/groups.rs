//! Groups and their members.

use super::problem::Problem;
use super::{Call, Part, check_name};
use crate::described::objects;
use crate::model::GroupKind;

/// How many members one call may name. A larger group comes in pages.
const MEMBERS: usize = 10_000;
/// How many members a page shows.
const PAGE: usize = 1000;
/// How long an account may be, in bytes.
const ACCOUNT: usize = 128;

objects! {
    /// A group.
    Group {
        /// The name, for texts; absent: none.
        name: Option<String>,
        /// What kind it is; absent: `Work`.
        kind: Option<GroupKind>,
    }

    /// A group with the number of its members.
    Counted {
        /// The group's id.
        group: String,
        /// The name; empty: none.
        name: String,
        /// What kind it is.
        kind: GroupKind,
        /// How many members it has.
        members: u64,
    }

    /// Who comes and who goes.
    Members {
        /// Accounts that become members, at most 10,000; absent: none.
        add: Option<Vec<String>>,
        /// Accounts that are members no more, at most 10,000; absent: none.
        remove: Option<Vec<String>>,
    }

    /// All members of a group.
    Everybody {
        /// Their accounts, at most 10,000. More of them are added afterwards.
        members: Vec<String>,
    }

    /// Some members of a group.
    Page {
        /// At most 1,000 accounts, in their order.
        members: Vec<String>,
        /// After whom the next page begins; absent: this is the last one.
        next: Option<String>,
    }
}

pub(super) async fn put(call: Call, body: Group) -> Result<(), Problem> {
    let group = crate::store::Group {
        id: call.path(Part::Group)?.to_owned(),
        name: body.name.unwrap_or_default(),
        kind: body.kind.unwrap_or_default(),
    };
    Ok(call.gateway().store().put_group(&group).await?)
}

pub(super) async fn get(call: Call, (): ()) -> Result<Counted, Problem> {
    let (store, group) = (call.gateway().store(), known(&call).await?);
    let members = store.count_members(&group.id).await?;
    Ok(Counted { group: group.id, name: group.name, kind: group.kind, members })
}

pub(super) async fn delete(call: Call, (): ()) -> Result<(), Problem> {
    Ok(call.gateway().store().delete_group(call.path(Part::Group)?).await?)
}

pub(super) async fn get_members(call: Call, (): ()) -> Result<Page, Problem> {
    let (store, group) = (call.gateway().store(), known(&call).await?);
    let after = call.query(Part::After)?.unwrap_or_default();
    // One more than is shown says whether there are more.
    let mut members = store.members_after(&group.id, after, PAGE + 1).await?;
    let more = members.len() > PAGE;
    members.truncate(PAGE);
    Ok(Page { next: members.last().filter(|_| more).cloned(), members })
}

pub(super) async fn put_members(call: Call, body: Everybody) -> Result<(), Problem> {
    check("members", &body.members)?;
    let group = known(&call).await?;
    Ok(call.gateway().store().set_members(&group.id, &body.members).await?)
}

pub(super) async fn change_members(call: Call, body: Members) -> Result<(), Problem> {
    let (add, remove) = (body.add.unwrap_or_default(), body.remove.unwrap_or_default());
    check("add", &add)?;
    check("remove", &remove)?;
    let group = known(&call).await?;
    Ok(call.gateway().store().change_members(&group.id, &add, &remove).await?)
}

async fn known(call: &Call) -> Result<crate::store::Group, Problem> {
    let group = call.gateway().store().group(call.path(Part::Group)?).await?;
    group.ok_or_else(|| Problem::not_found("group"))
}

fn check(name: &str, accounts: &[String]) -> Result<(), Problem> {
    if accounts.len() > MEMBERS {
        let detail = format!("{name} has {} accounts; at most {MEMBERS} are allowed", accounts.len());
        return Err(Problem::invalid(detail));
    }
    let one = |(place, account): (usize, &String)| check_name(&format!("{name}[{place}]"), account, ACCOUNT);
    accounts.iter().enumerate().try_for_each(one)
}
