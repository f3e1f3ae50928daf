//! Decisions on subcontracts. Pure.

use super::model::{Allowed, NewSubcontract};
use crate::kernel::error::{Fields, problems};
use crate::kernel::{Fen, Result};
use crate::words;

problems! {
    /// The terms do not accept it.
    SUBCONTRACTING_NOT_ALLOWED = "subcontracting_not_allowed", 409, "采购文件不接受分包", "Subcontracting is not accepted",
        "采购文件载明不接受分包。请由承接主体自行履行。",
        "The published terms do not accept subcontracting. The supplier does the work itself.";
    /// More than the agreed share.
    SUBCONTRACTED_TOO_MUCH = "subcontracted_too_much", 409, "分包金额超过约定比例", "More is subcontracted than agreed",
        "各项分包合计不得超过采购文件约定的比例，且不得等于合同价（转包）。",
        "All subcontracts together stay within the share of the published terms and below the price: handing the whole on is forbidden.";
    /// The subcontractor may not supply.
    SUBCONTRACTOR_NOT_ELIGIBLE = "subcontractor_not_eligible", 409, "分包方不可承接", "The subcontractor may not supply",
        "分包方须为已核验且未被暂停、列入异常或黑名单的组织，且不得为承接主体自身。",
        "A subcontractor is verified, neither suspended, abnormal nor blacklisted, and not the supplier itself.";
}

/// Longest description of a part, in characters.
pub const SCOPE_MAX: usize = 500;

/// Checks a proposal: `former` is what is proposed or agreed already.
pub fn check(new: &NewSubcontract, price: Fen, former: Fen, allowed: Allowed) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.scope, "/scope", 1, SCOPE_MAX);
    fields.require(new.amount > Fen::ZERO, "/amount", || words!("须大于零", "must be more than zero"));
    fields.finish()?;
    let all = former.plus(new.amount)?;
    let within = match allowed {
        Allowed::No => return Err(SUBCONTRACTING_NOT_ALLOWED.error()),
        Allowed::Unsaid => true,
        Allowed::UpTo(share) => i128::from(all.get()).saturating_mul(10_000) <= i128::from(price.get()).saturating_mul(i128::from(share)),
    };
    if within && all < price {
        return Ok(());
    }
    Err(SUBCONTRACTED_TOO_MUCH.because(words!("合计 {all} 元", "together {all} yuan")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::OrganisationId;

    fn judged(amount: i64, former: i64, allowed: Allowed) -> Option<String> {
        let new = NewSubcontract {
            subcontractor: OrganisationId::new(uuid::Uuid::nil()),
            scope: "助浴设备运输".into(),
            amount: Fen::new(amount),
        };
        check(&new, Fen::new(1_000), Fen::new(former), allowed).err().map(|refusal| refusal.code().to_owned())
    }

    #[test]
    fn the_agreed_share_is_kept_and_the_whole_is_never_handed_on() {
        assert_eq!(judged(300, 0, Allowed::UpTo(3_000)), None);
        assert_eq!(judged(301, 0, Allowed::UpTo(3_000)).as_deref(), Some("subcontracted_too_much"));
        assert_eq!(judged(1, 300, Allowed::UpTo(3_000)).as_deref(), Some("subcontracted_too_much"), "all together");
        assert_eq!(judged(999, 0, Allowed::Unsaid), None);
        assert_eq!(judged(1_000, 0, Allowed::Unsaid).as_deref(), Some("subcontracted_too_much"));
        assert_eq!(judged(1_000, 0, Allowed::UpTo(10_000)).as_deref(), Some("subcontracted_too_much"));
        assert_eq!(judged(1, 0, Allowed::No).as_deref(), Some("subcontracting_not_allowed"));
        assert_eq!(judged(0, 0, Allowed::Unsaid).as_deref(), Some("invalid"));
    }
}
