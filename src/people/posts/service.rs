//! Use cases of posts.

use serde_json::json;

use super::model::{Desk, NewPost, PostRow};
use super::{policy, rules, store};
use crate::db::{Db, Tx};
use crate::kernel::Result;
use crate::kernel::error::{self, Fields};
use crate::kernel::id::{PostId, UnitId};
use crate::people::policy::{DUTIES_NOT_SEPARATE, authorize};
use crate::people::{Action, Actor, Authorized};
use crate::trust::journal::{self, Event};
use crate::words;

/// May the actor read or give the posts of the unit?
pub fn may(db: &mut Db, actor: &Actor, action: &'static Action, unit: UnitId) -> Result<Authorized<Desk>> {
    if !store::has_unit(db, actor.tenant, unit)? {
        return Err(error::NOT_FOUND.error());
    }
    authorize(actor, action, Desk { tenant: actor.tenant, unit })
}

/// May the actor end this post?
pub fn may_end(db: &mut Db, actor: &Actor, id: PostId) -> Result<Authorized<PostRow>> {
    authorize(actor, &policy::END, store::find(db, actor.tenant, id)?.ok_or_else(|| error::NOT_FOUND.error())?)
}

/// Gives a post. Nobody gives one to itself.
pub fn give(tx: &mut Tx<'_>, granted: &Authorized<Desk>, new: &NewPost) -> Result<PostRow> {
    let Desk { tenant, unit } = *granted.subject();
    if new.account == granted.by() {
        return Err(DUTIES_NOT_SEPARATE.because(words!("不得自行任命", "nobody gives a post to itself")));
    }
    let here = store::works_in(tx, tenant, new.account, unit)?;
    rules::check(new, here, &store::of_person(tx, tenant, new.account, unit)?)?;
    let row = PostRow {
        id: tx.new_id(),
        tenant_id: tenant,
        unit_id: unit,
        account_id: new.account,
        title: new.title.trim().to_owned(),
        acting: new.acting,
        held_from: new.held_from,
        held_to: new.held_to,
        end_reason: None,
        made_by: granted.by(),
        ended_by: None,
        version: 1,
        created_at: tx.now(),
    };
    store::insert(tx, granted, &row)?;
    record(tx, "unit_post.given", &row)?;
    Ok(row)
}

/// Ends a post today, for a reason.
pub fn end(tx: &mut Tx<'_>, granted: &Authorized<PostRow>, reason: &str) -> Result<PostRow> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 2, rules::REASON_MAX);
    fields.finish()?;
    let last = rules::last_day(granted.subject(), tx.now().date_in_shanghai());
    let row = store::end(tx, granted, last, reason.trim())?;
    record(tx, "unit_post.ended", &row)?;
    Ok(row)
}

fn record(tx: &mut Tx<'_>, action: &str, row: &PostRow) -> Result<()> {
    let content = json!({
        "unit_id": row.unit_id, "account_id": row.account_id, "title": row.title, "acting": row.acting, "held_from": row.held_from,
        "held_to": row.held_to, "end_reason": row.end_reason,
    });
    let (tenant, resource, version) = (row.tenant_id, row.id.any(), row.version);
    journal::record(tx, &Event { tenant, action, kind: "unit_post", resource, version, case: None, content })?;
    Ok(())
}
