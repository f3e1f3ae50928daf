//! The procedures as data over one engine: who is asked, who opens, who decides, how bids are ranked, what must be attached. Pure.

use crate::law::Procedure;
use crate::people::Role;

crate::text_enum! {
    /// Who is asked to bid.
    pub enum Solicitation {
        /// Everybody who is eligible.
        Public = "public",
        /// Those on the list of invitations.
        Invited = "invited",
        /// Nobody: one supplier is named with a reason.
        Single = "single",
    }
}

/// Who decides which bid is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidedBy {
    /// A panel (评审小组) of experts and the purchaser's representatives.
    Panel,
    /// Two or three people.
    Reviewers,
    /// The lead of the unit, with a reason.
    Lead,
    /// Somebody outside: the result is imported.
    Outside,
}

/// How bids are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranking {
    /// Weighted criteria with one price (综合评分).
    Weighted,
    /// The lowest price that meets the requirements (最低价).
    LowestPrice,
    /// Nothing is ranked.
    None,
}

/// What a procedure asks for.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Who may be asked; the first is what is meant when nothing is said.
    pub solicitations: &'static [Solicitation],
    /// Who decides.
    pub decided_by: DecidedBy,
    /// How bids are ranked.
    pub ranking: Ranking,
    /// Whether the minutes of a collective decision (会议纪要) must be attached before approval.
    pub minutes: bool,
    /// Whether the reason for the procedure must be stated.
    pub reasoned: bool,
    /// Roles that open its bids.
    pub opened_by: &'static [Role],
    /// Rule and figure of the fewest suppliers with which a lot goes on.
    pub min_suppliers: Option<(&'static str, &'static str)>,
    /// Fewer suppliers than this pass only with a recorded reason.
    pub advised_suppliers: usize,
    /// Rules on its panel.
    pub panel_rules: &'static [&'static str],
}

impl Profile {
    /// Whether bids are asked for.
    pub fn competes(&self) -> bool {
        self.ranking != Ranking::None
    }
}

const OPENER: &[Role] = &[Role::Opener];
const UNIT_OPENS: &[Role] = &[Role::Opener, Role::PurchaserLead, Role::Purchaser];

const STATUTORY: Profile = Profile {
    solicitations: &[Solicitation::Public],
    decided_by: DecidedBy::Panel,
    ranking: Ranking::Weighted,
    minutes: false,
    reasoned: false,
    opened_by: OPENER,
    min_suppliers: None,
    advised_suppliers: 1,
    panel_rules: &[],
};

const SMALL: Profile = Profile {
    solicitations: &[Solicitation::Public, Solicitation::Invited],
    decided_by: DecidedBy::Reviewers,
    ranking: Ranking::Weighted,
    minutes: true,
    reasoned: false,
    opened_by: UNIT_OPENS,
    min_suppliers: None,
    advised_suppliers: 2,
    panel_rules: &[],
};

static OPEN_TENDER: Profile = Profile { min_suppliers: Some(("R045", "min_suppliers")), panel_rules: &["R037", "R038"], ..STATUTORY };
static INVITED_TENDER: Profile = Profile {
    solicitations: &[Solicitation::Invited],
    reasoned: true,
    min_suppliers: Some(("R045", "min_suppliers")),
    panel_rules: &["R037", "R038"],
    ..STATUTORY
};
static CONSULTATION: Profile = Profile {
    solicitations: &[Solicitation::Public, Solicitation::Invited],
    min_suppliers: Some(("R027", "min_suppliers_service")),
    panel_rules: &["R028"],
    ..STATUTORY
};
static NEGOTIATION: Profile = Profile {
    solicitations: &[Solicitation::Public, Solicitation::Invited],
    ranking: Ranking::LowestPrice,
    reasoned: true,
    advised_suppliers: 3,
    panel_rules: &["R032"],
    ..STATUTORY
};
static SINGLE_SOURCE: Profile =
    Profile { solicitations: &[Solicitation::Single], decided_by: DecidedBy::Lead, ranking: Ranking::None, reasoned: true, ..STATUTORY };
static FRAMEWORK: Profile = Profile {
    solicitations: &[Solicitation::Invited, Solicitation::Single],
    decided_by: DecidedBy::Lead,
    ranking: Ranking::LowestPrice,
    opened_by: UNIT_OPENS,
    ..STATUTORY
};
static SELECTION: Profile = SMALL;
static QUOTES: Profile = Profile {
    solicitations: &[Solicitation::Invited, Solicitation::Public],
    ranking: Ranking::LowestPrice,
    minutes: false,
    advised_suppliers: 3,
    ..SMALL
};
static DIRECT: Profile = Profile {
    solicitations: &[Solicitation::Single],
    decided_by: DecidedBy::Lead,
    ranking: Ranking::None,
    minutes: false,
    reasoned: true,
    ..SMALL
};
static EXTERNAL: Profile = Profile { decided_by: DecidedBy::Outside, ranking: Ranking::None, ..STATUTORY };

/// What a procedure asks for.
pub const fn profile(procedure: Procedure) -> &'static Profile {
    match procedure {
        Procedure::OpenTender => &OPEN_TENDER,
        Procedure::InvitedTender => &INVITED_TENDER,
        Procedure::Consultation => &CONSULTATION,
        Procedure::Negotiation => &NEGOTIATION,
        Procedure::SingleSource => &SINGLE_SOURCE,
        Procedure::Framework => &FRAMEWORK,
        Procedure::Selection => &SELECTION,
        Procedure::Quotes => &QUOTES,
        Procedure::Direct => &DIRECT,
        Procedure::External => &EXTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_procedure_has_a_way_to_ask_and_somebody_who_opens() {
        for &procedure in Procedure::ALL {
            let profile = profile(procedure);
            assert!(!profile.solicitations.is_empty() && !profile.opened_by.is_empty(), "{procedure}");
            // What is named without competition must say why, or come from outside or from a framework.
            let single = profile.solicitations.first() == Some(&Solicitation::Single);
            assert!(!single || profile.reasoned, "{procedure}");
            assert_eq!(profile.decided_by == DecidedBy::Panel, !profile.panel_rules.is_empty(), "{procedure}");
        }
    }
}
