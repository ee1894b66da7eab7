//! Groups and their members.

use super::problem::Problem;
use super::{Call, Part};
use crate::described::objects;
use crate::model::GroupKind;

/// How many members one call may name.
const MEMBERS: usize = 10_000;

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
        /// Accounts that become members; absent: none.
        add: Option<Vec<String>>,
        /// Accounts that are members no more; absent: none.
        remove: Option<Vec<String>>,
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
    let (store, id) = (call.gateway().store(), call.path(Part::Group)?);
    let group = store.group(id).await?.ok_or_else(|| Problem::not_found("group"))?;
    let members = u64::try_from(store.members(id).await?.len()).unwrap_or(u64::MAX);
    Ok(Counted { group: group.id, name: group.name, kind: group.kind, members })
}

pub(super) async fn delete(call: Call, (): ()) -> Result<(), Problem> {
    Ok(call.gateway().store().delete_group(call.path(Part::Group)?).await?)
}

pub(super) async fn change_members(call: Call, body: Members) -> Result<(), Problem> {
    let (store, id) = (call.gateway().store(), call.path(Part::Group)?);
    let (add, remove) = (body.add.unwrap_or_default(), body.remove.unwrap_or_default());
    for (name, list) in [("add", &add), ("remove", &remove)] {
        if list.len() > MEMBERS {
            let detail = format!("{name} has {} accounts; at most {MEMBERS} are allowed", list.len());
            return Err(Problem::invalid(detail));
        }
    }
    if store.group(id).await?.is_none() {
        return Err(Problem::not_found("group"));
    }
    store.add_members(id, &add).await?;
    Ok(store.remove_members(id, &remove).await?)
}
