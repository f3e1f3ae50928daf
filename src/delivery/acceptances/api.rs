//! Acceptance over HTTP: DTOs, handlers, routes.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Band, Conclusion, NewPrice, SignatureRow, Verdict};
use super::{policy, service, store};
use crate::db::Db;
use crate::delivery::agreements::views::{ContractDetail, MilestoneView, detail};
use crate::delivery::agreements::{self, ContractRow, MilestoneState};
use crate::delivery::milestones::{self, MilestoneFile};
use crate::kernel::id::{AcceptanceSignatureId, CaseId, ContractId, MilestoneId, OrganisationId, UnitId};
use crate::kernel::{Error, Money, Result, UtcInstant, error};
use crate::money::funding::Leg;
use crate::money::funding::views::LegPart;
use crate::people::{self, Subject, Viewer};
use crate::web::{Answer, Body, Call, Id, Reply};

/// Registers the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_acceptance_terms)
        .service(set_acceptance_terms)
        .service(sign_acceptance)
        .service(accept_milestone)
        .service(get_acceptance_report);
}

/// What a unit of a milestone's service costs.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitPrice {
    /// The milestone; its amount is the ceiling.
    pub milestone_id: MilestoneId,
    /// What is counted.
    #[schema(min_length = 1, max_length = 32, example = "人次")]
    pub unit_label: String,
    /// What one costs.
    pub unit_price: Money,
}

/// The terms of acceptance of a contract.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AcceptanceTermsView {
    /// How many persons sign an acceptance, who concludes it included.
    #[schema(example = 3)]
    pub signers: usize,
    /// What low scores cost; empty when acceptance is not scored.
    #[schema(max_items = 10)]
    pub bands: Vec<Band>,
    /// Milestones that are settled by unit price times quantity.
    #[schema(max_items = 24)]
    pub prices: Vec<UnitPrice>,
}

/// Whether the viewer may read what is public of a contract, or is of its parties.
fn readable(contract: &ContractRow, viewer: &Viewer) -> Result<()> {
    let open = contract.is_public() || viewer.actor.as_ref().is_some_and(|actor| contract.visible_to(actor));
    if open { Ok(()) } else { Err(error::NOT_FOUND.error()) }
}

/// Read the terms of acceptance
///
/// How many sign, what low scores cost and what a unit costs, for everybody who may read the contract.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")),
    responses((status = 200, description = "The terms", body = AcceptanceTermsView)))]
#[get("/contracts/{contract_id}/acceptance-terms")]
async fn get_acceptance_terms(call: Call, id: Id<ContractId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let contract = agreements::find(snapshot, viewer.tenant, id.0)?;
        readable(&contract, viewer)?;
        let terms = service::terms(snapshot, viewer.tenant, contract.id)?;
        let prices = store::prices_of(snapshot, viewer.tenant, contract.id)?
            .into_iter()
            .map(|row| UnitPrice { milestone_id: row.milestone_id, unit_label: row.unit_label, unit_price: row.unit_price_fen.into() })
            .collect();
        Reply::ok(&AcceptanceTermsView { signers: terms.signers, bands: terms.bands, prices })
    })
    .await
}

/// The terms to agree.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAcceptanceTerms {
    /// How many persons sign an acceptance, who concludes it included.
    #[schema(minimum = 1, maximum = 9, example = 3)]
    pub signers: i32,
    /// What low scores cost, from the highest mark down; empty when acceptance is not scored.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub bands: Vec<Band>,
    /// Milestones that are settled by unit price times quantity, under their amount as the ceiling.
    #[serde(default)]
    #[schema(max_items = 24)]
    pub prices: Vec<UnitPrice>,
}

/// Set the terms of acceptance
///
/// The unit writes them into a drafted contract, before finance approves it; both parties then sign it with them. Replaces earlier ones.
#[utoipa::path(tag = "contracts", params(("contract_id" = ContractId, Path, description = "The contract")), request_body = SetAcceptanceTerms,
    responses((status = 200, description = "Set", body = ContractDetail)),
    extensions(("x-action" = json!(policy::TERMS.name))), security(("bearer" = [])))]
#[post("/contracts/{contract_id}/acceptance-terms")]
async fn set_acceptance_terms(call: Call, id: Id<ContractId>, body: Body<SetAcceptanceTerms>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| service::may(tx, actor, &policy::TERMS, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let price = |one: &UnitPrice| NewPrice {
                milestone: one.milestone_id,
                unit_label: one.unit_label.clone(),
                unit_price: one.unit_price.amount_fen,
            };
            let prices: Vec<NewPrice> = asked.prices.iter().map(price).collect();
            let row = service::set_terms(tx, &granted, asked.signers, &asked.bands, &prices)?;
            detail(tx, row)
        },
    )
    .await
}

/// A signer's word.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignAcceptance {
    /// Points of 100; there where the contract scores acceptance.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, example = 92)]
    pub score: Option<i32>,
    /// What the signer found.
    #[schema(min_length = 1, max_length = 2000, example = "抽查 20 户，记录与台账一致。")]
    pub opinion: String,
}

/// A signature under an acceptance. Who signed is in the case file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AcceptanceSignatureView {
    /// Id.
    pub id: AcceptanceSignatureId,
    /// As what.
    #[schema(example = "purchaser_lead")]
    pub role: String,
    /// Points of 100.
    #[schema(example = 92)]
    pub score: Option<i32>,
    /// What the signer found.
    #[schema(example = "抽查 20 户，记录与台账一致。")]
    pub opinion: String,
    /// When.
    pub signed_at: UtcInstant,
}

impl From<SignatureRow> for AcceptanceSignatureView {
    fn from(row: SignatureRow) -> Self {
        Self { id: row.id, role: row.role, score: row.score, opinion: row.opinion, signed_at: row.created_at }
    }
}

/// Sign an acceptance
///
/// A purchaser or lead of the unit, or a third-party evaluator, signs what was delivered, once each. The milestone's version stays, so that several may
/// sign at once; a delivery after a rejection is signed anew.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = SignAcceptance,
    responses((status = 201, description = "Signed", body = AcceptanceSignatureView)),
    extensions(("x-action" = json!(milestones::policy::SIGN.name)), ("x-problems" = json!(["acceptance_signed", "duties_not_separate"]))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/acceptance-signatures")]
async fn sign_acceptance(call: Call, id: Id<MilestoneId>, body: Body<SignAcceptance>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| milestones::service::may(tx, actor, &milestones::policy::SIGN, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let row = service::sign(tx, &granted, &Verdict { score: asked.score, opinion: asked.opinion.clone() })?;
            let location = format!("/api/v1/milestones/{}/acceptance-report", row.milestone_id);
            Reply::created(location, &AcceptanceSignatureView::from(row))
        },
    )
    .await
}

/// An acceptance.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptMilestone {
    /// What those served say of it; demanded by rule R015. An absent one is refused under that rule.
    #[serde(default)]
    #[schema(required = true, min_length = 10, max_length = 4000, example = "访谈老人 20 位，19 位对上门服务表示满意。")]
    pub beneficiaries_opinion: String,
    /// The concluder's own points of 100, where the contract scores acceptance and it did not sign before.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, example = 92)]
    pub score: Option<i32>,
    /// How much was counted, where the milestone has a unit price.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000_000, example = 412)]
    pub quantity: Option<i64>,
    /// Which funding lines pay for it, adding up to what is accepted; absent: spread over what every line has left.
    #[serde(default)]
    #[schema(max_items = 12)]
    pub legs: Option<Vec<LegPart>>,
}

/// Accept a milestone
///
/// The purchaser concludes with the beneficiaries' opinion (rule R015), after as many signed as the contract says. What the average score or the quantity leaves
/// of the amount becomes payable, the difference goes free. Its deliverer may not.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")), request_body = AcceptMilestone,
    responses((status = 200, description = "Accepted", body = MilestoneView)),
    extensions(("x-action" = json!(milestones::policy::ACCEPT.name)), ("x-problems" = json!(["duties_not_separate", "funding_exceeded", "legs_do_not_fit",
        "acceptance_not_signed", "advance_exceeds_acceptance", "advance_under_way"]))), security(("bearer" = [])))]
#[post("/milestones/{milestone_id}/acceptance")]
async fn accept_milestone(call: Call, id: Id<MilestoneId>, body: Body<AcceptMilestone>) -> Answer {
    people::command(
        call,
        body.fingerprint,
        move |tx, actor| milestones::service::may(tx, actor, &milestones::policy::ACCEPT, id.0),
        move |tx, granted| {
            let asked = body.get()?;
            let conclusion = Conclusion {
                beneficiaries_opinion: asked.beneficiaries_opinion.clone(),
                score: asked.score,
                quantity: asked.quantity,
                legs: asked.legs.as_ref().map(|legs| legs.iter().copied().map(Leg::from).collect()),
            };
            let row = service::conclude(tx, &granted, &conclusion)?;
            let version = row.version;
            Ok(Reply::ok(&MilestoneView::from(row))?.tagged(version))
        },
    )
    .await
}

/// The report of an acceptance (验收报告).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AcceptanceReportView {
    /// Case.
    pub case_id: CaseId,
    /// Contract.
    pub contract_id: ContractId,
    /// Purchasing unit.
    pub unit_id: UnitId,
    /// Supplier.
    pub organisation_id: OrganisationId,
    /// The milestone.
    pub milestone: MilestoneView,
    /// How many persons the contract asks to sign, who concludes included.
    #[schema(example = 3)]
    pub signers: usize,
    /// Who signed what was delivered last, oldest first; who concluded without signing is not among them.
    #[schema(max_items = 100)]
    pub signatures: Vec<AcceptanceSignatureView>,
    /// Average score in points of 100, with two decimals; null where acceptance is not scored or not concluded.
    #[schema(example = "88.67")]
    pub score: Option<String>,
    /// How much was counted.
    #[schema(example = 412)]
    pub quantity: Option<i64>,
    /// What was done, before the deduction.
    pub measured: Option<Money>,
    /// What was accepted.
    pub accepted: Option<Money>,
    /// When it was concluded; null until then.
    pub concluded_at: Option<UtcInstant>,
}

/// Read the report of an acceptance
///
/// The result of an acceptance is told to the public (rule R015). Before it is concluded the parties, finance and auditors see who signed.
#[utoipa::path(tag = "milestones", params(("milestone_id" = MilestoneId, Path, description = "The milestone")),
    responses((status = 200, description = "The report", body = AcceptanceReportView)))]
#[get("/milestones/{milestone_id}/acceptance-report")]
async fn get_acceptance_report(call: Call, id: Id<MilestoneId>) -> Answer {
    people::query(call, move |snapshot, viewer| {
        let file = milestones::file(snapshot, viewer.tenant, id.0)?;
        readable(&file.contract, viewer)?;
        let inside = viewer.actor.as_ref().is_some_and(|actor| file.contract.is_open_to(actor));
        if file.milestone.state != MilestoneState::Accepted && !inside {
            return Err(error::NOT_FOUND.error());
        }
        Reply::ok(&report(snapshot, file)?)
    })
    .await
}

fn report(db: &mut Db, file: MilestoneFile) -> Result<AcceptanceReportView> {
    let MilestoneFile { milestone, contract } = file;
    let found = store::find(db, milestone.tenant_id, milestone.id)?;
    let round = found.as_ref().map_or(milestone.version, |row| row.round);
    let signatures = store::signatures(db, milestone.tenant_id, milestone.id, round)?;
    let points = |hundredths: i32| {
        let (whole, part) = (hundredths.checked_div(100), hundredths.checked_rem(100));
        whole.zip(part).map(|(whole, part)| format!("{whole}.{part:02}")).ok_or_else(|| Error::internal("score"))
    };
    Ok(AcceptanceReportView {
        case_id: contract.case_id,
        contract_id: contract.id,
        unit_id: contract.unit_id,
        organisation_id: contract.organisation_id,
        signers: service::terms(db, contract.tenant_id, contract.id)?.signers,
        signatures: signatures.into_iter().map(AcceptanceSignatureView::from).collect(),
        score: found.as_ref().and_then(|row| row.score_hundredths).map(points).transpose()?,
        quantity: found.as_ref().and_then(|row| row.quantity),
        measured: found.as_ref().map(|row| row.measured_fen.into()),
        accepted: found.as_ref().map(|row| row.accepted_fen.into()),
        concluded_at: found.as_ref().map(|row| row.concluded_at),
        milestone: milestone.into(),
    })
}
