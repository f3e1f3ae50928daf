//! A person's own password over HTTP: changed with the present one, which ends every other session. Never saved under an idempotency key.

use actix_web::{put, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{policy, service, store};
use crate::db::Db;
use crate::kernel::error::Fields;
use crate::kernel::{Error, Result, error};
use crate::people::password::Chooser;
use crate::people::policy::{Authorized, authorize};
use crate::people::{self, Actor, factors, password};
use crate::web::limits::Throttle;
use crate::web::{Answer, Body, Call, Failure, Principal, Reply};
use crate::words;

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(change_password);
}

/// A new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "three quiet river stones", "new_password": "seven lanterns on the lake"}))]
pub struct ChangePassword {
    /// The present password.
    #[schema(max_length = 512, example = "three quiet river stones")]
    pub current_password: String,
    /// The new one: 15 to 128 characters, 12 where a second factor counts or is demanded; not a common one, without login name or name.
    #[schema(min_length = 12, max_length = 128, example = "seven lanterns on the lake")]
    pub new_password: String,
}

fn own(db: &mut Db, actor: &Actor) -> Result<Authorized<super::AccountRow>> {
    let row = store::find(db, actor.tenant, actor.account)?.ok_or_else(|| error::NOT_FOUND.error())?;
    authorize(actor, &policy::CHANGE_PASSWORD, row)
}

fn wrong() -> Error {
    Error::field("/current_password", words!("现密码不正确", "is not your present password"))
}

/// Change my password
///
/// The present password is asked for, so that an unwatched screen is not enough. Every other session and every token of the account ends at once; the
/// person is told by mail. Attempts are limited like those of a sign-in.
#[utoipa::path(tag = "accounts", request_body = ChangePassword, responses((status = 204, description = "Changed")),
    extensions(("x-action" = json!(policy::CHANGE_PASSWORD.name)), ("x-problems" = json!(["rate_limited", "conflict"]))), security(("bearer" = [])))]
#[put("/me/password")]
async fn change_password(call: Call, throttle: web::Data<Throttle>, body: Body<ChangePassword>) -> Answer {
    let needed_for = call.desk.second_factor_for.clone();
    let (account, second_factor) = people::desk::admit(&call, move |db, actor| {
        let account = own(db, actor)?.into_subject();
        let beside = factors::service::stands_beside(db, account.id, &needed_for)?;
        Ok((account, beside))
    })
    .await?;
    let session = call.principal.and_then(Principal::session).ok_or_else(|| people::proof::TOKEN_SCOPE.error())?;
    let given = body.get()?;
    let mut fields = Fields::default();
    fields.require(given.current_password.chars().count() <= 512, "/current_password", || {
        words!("至多 512 个字符", "at most 512 characters")
    });
    fields.require(given.new_password != given.current_password, "/new_password", || {
        words!("须与现密码不同", "must differ from the present one")
    });
    fields.finish()?;
    let chooser = Chooser { email: &account.email, name: &account.name, second_factor };
    password::check_for(&given.new_password, chooser, "/new_password")?;
    throttle.admit(&account.email, call.client)?;
    if !password::verify(given.current_password.clone(), Some(account.password_hash.clone())).await? {
        return Err(Failure(wrong()));
    }
    let (known, hash) = (account.password_hash, password::hash(given.new_password.clone()).await?);
    people::command(
        call,
        [0; 32],
        |tx, actor| own(tx, actor),
        move |tx, granted| {
            // Somebody changed it between the look and now: what was proved is not true any more.
            if granted.subject().password_hash != known {
                return Err(error::CONFLICT.error());
            }
            service::change_password(tx, &granted, &hash, session)?;
            Ok(Reply::empty())
        },
    )
    .await
}
