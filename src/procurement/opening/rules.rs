//! What the opening finds when it looks at all bids of a lot together. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::id::{BidId, OrganisationId};
use crate::kernel::{Error, Result, Words};
use crate::procurement::tenders::procedure::Profile;
use crate::words;

/// The organisations of a bid: its bidder first, then the members of its consortium.
pub type Party = (BidId, Vec<OrganisationId>);

/// Reason of a bid whose bidder or member is in another bid of the lot too.
pub const IN_TWO_BIDS: &str = "in_two_bids";
/// Reason of bids whose bidders have the same head or a relation of control (R066).
pub const RELATED: &str = "related_bidders";
/// Reason of a bid without the bond that the documents ask for (87号令 第63条).
pub const BOND_MISSING: &str = "bond_missing";
/// Reason of a bid that its bidder revealed and that the openers' key opens to something else: its header holds two file keys.
pub const REVEAL_DIFFERS: &str = "reveal_differs";
/// Reason of a bid whose bidder or member is stopped on the day of the opening.
pub const NOT_ELIGIBLE: &str = "bidder_not_eligible";

/// The bids of a lot that share an organisation with another one.
pub fn in_two_bids(parties: &[Party]) -> BTreeSet<BidId> {
    let mut bids_of: BTreeMap<OrganisationId, BTreeSet<BidId>> = BTreeMap::new();
    for (bid, organisations) in parties {
        for organisation in organisations {
            bids_of.entry(*organisation).or_default().insert(*bid);
        }
    }
    bids_of.into_values().filter(|bids| bids.len() > 1).flatten().collect()
}

/// The pairs of bids that a related pair of organisations stands in; organisations of one consortium may be related.
pub fn pairs_of_bids(parties: &[Party], a: OrganisationId, b: OrganisationId) -> Vec<(BidId, BidId)> {
    let with = |organisation| parties.iter().filter(move |(_, party)| party.contains(&organisation)).map(|(bid, _)| *bid);
    with(a).flat_map(|one| with(b).filter(move |other| *other != one).map(move |other| (one, other))).collect()
}

/// What becomes of a lot with so many bids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turnout {
    /// It is opened.
    Enough,
    /// It is opened, and the reason must be recorded.
    WithReason,
    /// Nothing of it is opened.
    TooFew,
}

/// Judges the number of bids: fewer than `least`, which a blocking rule gives, are not opened; fewer than the procedure advises pass with a
/// recorded reason.
pub fn turnout(bids: usize, least: usize, profile: &Profile) -> Turnout {
    if bids < least {
        Turnout::TooFew
    } else if bids < profile.advised_suppliers {
        Turnout::WithReason
    } else {
        Turnout::Enough
    }
}

/// Checks the reason for going on with few bids.
pub fn check_reason(reason: &str, index: usize) -> Result<()> {
    let length = reason.trim().chars().count();
    let explained = |detail: Words| Error::field(format!("/reasons/{index}/reason"), detail);
    if (5..=1000).contains(&length) {
        Ok(())
    } else {
        Err(explained(words!("须为 5 到 1000 个字符", "must have 5 to 1000 characters")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procurement::tenders::Procedure;
    use crate::procurement::tenders::procedure::profile;
    use uuid::Uuid;

    fn org(id: u128) -> OrganisationId {
        OrganisationId::new(Uuid::from_u128(id))
    }

    fn bid(id: u128) -> BidId {
        BidId::new(Uuid::from_u128(id))
    }

    #[test]
    fn whoever_bids_twice_as_bidder_or_member_unbinds_every_bid_it_is_in() {
        let parties = [(bid(1), vec![org(1), org(2)]), (bid(2), vec![org(2)]), (bid(3), vec![org(3)])];
        assert_eq!(in_two_bids(&parties), BTreeSet::from([bid(1), bid(2)]));
        assert_eq!(in_two_bids(&parties[1..]), BTreeSet::new());
    }

    #[test]
    fn relations_count_between_bids_and_not_inside_one() {
        let parties = [(bid(1), vec![org(1), org(2)]), (bid(2), vec![org(3)])];
        assert_eq!(pairs_of_bids(&parties, org(1), org(2)), []);
        assert_eq!(pairs_of_bids(&parties, org(2), org(3)), [(bid(1), bid(2))]);
    }

    #[test]
    fn few_bids_pass_with_a_reason_and_fewer_than_the_rule_never() {
        let selection = profile(Procedure::Selection);
        assert_eq!(turnout(0, 1, selection), Turnout::TooFew);
        assert_eq!(turnout(1, 1, selection), Turnout::WithReason);
        assert_eq!(turnout(2, 1, selection), Turnout::Enough);
        assert_eq!(turnout(2, 3, profile(Procedure::OpenTender)), Turnout::TooFew);
        assert_eq!(turnout(2, 1, profile(Procedure::Quotes)), Turnout::WithReason);
    }
}
