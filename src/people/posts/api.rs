//! Posts over HTTP.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{NewPost, PostRow};
use super::{policy, rules, service, store};
use crate::db::Tx;
use crate::kernel::id::{AccountId, PostId, UnitId};
use crate::kernel::{Result, UtcInstant};
use crate::people;
use crate::people::readings::PERSONAL_DATA;
use crate::web::{Answer, Body, Call, Id, Page, PageRequest, Params, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_posts).service(give_post).service(end_post);
}

/// A post that a person holds in a unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PostView {
    /// Id.
    pub id: PostId,
    /// The unit.
    pub unit_id: UnitId,
    /// The person.
    pub account_id: AccountId,
    /// Its name.
    #[schema(example = "林经办")]
    pub name: String,
    /// 职务.
    #[schema(example = "公共服务办公室副主任")]
    pub title: String,
    /// Whether it is held for somebody else (代理、主持工作).
    pub acting: bool,
    /// First day.
    pub held_from: NaiveDate,
    /// Last day; null when open.
    pub held_to: Option<NaiveDate>,
    /// Whether it is held today.
    pub held: bool,
    /// Why it was ended.
    #[schema(example = json!(null))]
    pub end_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was given.
    pub created_at: UtcInstant,
}

fn view(row: PostRow, name: String, today: NaiveDate) -> PostView {
    PostView {
        held: rules::held_on(&row, today),
        id: row.id,
        unit_id: row.unit_id,
        account_id: row.account_id,
        name,
        title: row.title,
        acting: row.acting,
        held_from: row.held_from,
        held_to: row.held_to,
        end_reason: row.end_reason,
        version: row.version,
        created_at: row.created_at,
    }
}

fn seen(tx: &mut Tx<'_>, row: PostRow) -> Result<PostView> {
    let (name, today) = (store::name_of(tx, row.account_id)?, tx.now().date_in_shanghai());
    Ok(view(row, name, today))
}

/// Filter and page of the posts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPosts {
    /// Only what is held today.
    held: Option<bool>,
    /// Rows of the page, 1 to 100.
    #[param(minimum = 1, maximum = 100, example = 20)]
    limit: Option<i64>,
    /// Cursor of the page before.
    #[param(max_length = 512)]
    after: Option<String>,
}

/// List the posts of a unit
///
/// Who is what in the unit, in the order of appointment: for its own people, the platform's administrator, supervisors and auditors. The reading is logged.
#[utoipa::path(tag = "units", params(("unit_id" = UnitId, Path, description = "The unit"), ListPosts),
    responses((status = 200, description = "A page of posts", body = Page<PostView>)), extensions(("x-action" = json!(policy::READ.name))),
    security(("bearer" = [])))]
#[get("/units/{unit_id}/posts")]
async fn list_posts(call: Call, id: Id<UnitId>, params: Params<ListPosts>) -> Answer {
    let today = call.desk.clock.now().date_in_shanghai();
    people::query(call, move |snapshot, viewer| {
        service::may(snapshot, viewer.person()?, &policy::READ, id.0)?;
        let asked = params.get()?;
        let day = (asked.held == Some(true)).then_some(today);
        let request = PageRequest::parse(asked.limit, asked.after.as_deref(), &format!("posts {:?} {day:?}", id.0))?;
        let after = request.after_instant()?.map(|(at, id)| (at, PostId::new(id)));
        let rows = store::list(snapshot, viewer.tenant, id.0, day, after, request.rows())?;
        let key = |row: &(PostRow, String)| (row.0.created_at.to_string(), row.0.id.uuid());
        let page = request.page(rows, key, |(row, name)| view(row, name, today));
        Ok(Reply::page(&page, &params.path, &params.raw)?.logged(PERSONAL_DATA))
    })
    .await
}

/// A post to be given.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivePost {
    /// The person, an active account of the unit.
    pub account_id: AccountId,
    /// 职务.
    #[schema(min_length = 1, max_length = 64, example = "公共服务办公室副主任")]
    pub title: String,
    /// Whether it is held for somebody else (代理、主持工作).
    #[serde(default)]
    pub acting: bool,
    /// First day.
    pub held_from: NaiveDate,
    /// Last day; open when absent.
    #[serde(default)]
    pub held_to: Option<NaiveDate>,
}

/// Give a post
///
/// By the platform's administrator, or by the unit's lead to somebody else. A post gives no right to do anything; that is what roles are for.
#[utoipa::path(tag = "units", params(("unit_id" = UnitId, Path, description = "The unit")), request_body = GivePost,
    responses((status = 201, description = "Given", body = PostView)),
    extensions(("x-action" = json!(policy::GIVE.name)), ("x-problems" = json!(["duties_not_separate"]))), security(("bearer" = [])))]
#[post("/units/{unit_id}/posts")]
async fn give_post(call: Call, id: Id<UnitId>, body: Body<GivePost>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::GIVE, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let new = NewPost {
                account: asked.account_id,
                title: asked.title.clone(),
                acting: asked.acting,
                held_from: asked.held_from,
                held_to: asked.held_to,
            };
            let row = service::give(tx, &granted, &new)?;
            let (location, version) = (format!("/api/v1/units/{}/posts", row.unit_id), row.version);
            Ok(Reply::created(location, &seen(tx, row)?)?.tagged(version))
        },
    )
    .await
}

/// Why a post ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndPost {
    /// The reason.
    #[schema(min_length = 2, max_length = 500, example = "岗位调整")]
    pub reason: String,
}

/// End a post
///
/// Today is its last day. It stays on the list, because papers were signed under it.
#[utoipa::path(tag = "units", params(("post_id" = PostId, Path, description = "The post")), request_body = EndPost,
    responses((status = 200, description = "Ended", body = PostView)), extensions(("x-action" = json!(policy::END.name))), security(("bearer" = [])))]
#[post("/unit-posts/{post_id}/end")]
async fn end_post(call: Call, id: Id<PostId>, body: Body<EndPost>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may_end(tx, actor, id.0),
        move |tx, granted| {
            let row = service::end(tx, &granted, &body.get()?.reason)?;
            let version = row.version;
            Ok(Reply::ok(&seen(tx, row)?)?.tagged(version))
        },
    )
    .await
}
