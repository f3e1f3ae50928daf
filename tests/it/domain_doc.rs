//! The domain document names every state of every machine where it describes that machine.

use std::any::type_name;
use std::collections::BTreeSet;
use std::path::Path;

const DOCUMENT: &str = include_str!("../../docs/domain.md");

/// A state enumeration: the heading or the row of a table that describes it, its path and its words.
struct Machine {
    place: &'static str,
    path: &'static str,
    words: Vec<&'static str>,
}

macro_rules! machines {
    ($($place:literal: $state:ty),+ $(,)?) => {
        vec![$(Machine { place: $place, path: type_name::<$state>(), words: <$state>::ALL.iter().map(|state| state.as_str()).collect() }),+]
    };
}

fn machines() -> Vec<Machine> {
    machines! {
        "### Plan": baiyi::procurement::plans::model::PlanState,
        "### Tender": baiyi::procurement::tenders::model::TenderState,
        "### Lot": baiyi::procurement::tenders::model::LotState,
        "### Key ceremony": baiyi::procurement::openers::model::CeremonyState,
        "### Draw": baiyi::procurement::draws::model::DrawState,
        "### Bid": baiyi::procurement::bids::model::BidState,
        "| opener's key": baiyi::procurement::openers::model::OpenerKeyState,
        "| contribution": baiyi::procurement::openers::model::ContributionState,
        "| question": baiyi::procurement::documents::model::QuestionState,
        "| amendment": baiyi::procurement::documents::model::AmendmentState,
        "| bond": baiyi::procurement::bonds::model::BondState,
        "| consortium member": baiyi::procurement::bids::consortium::MemberState,
        "| receipt of a bid": baiyi::procurement::bids::receipts_api::ReceiptState,
        "| expert": baiyi::procurement::experts::model::ExpertState,
        "| who evaluates": baiyi::procurement::evaluation::model::MemberState,
        "| who evaluates": baiyi::procurement::evaluation::panel_api::DepartedState,
        "| review of a lot": baiyi::procurement::review::model::ReviewState,
        "| low price": baiyi::procurement::review::model::NoticeState,
        "| framework agreement": baiyi::procurement::frameworks::model::FrameworkState,
        "| imported purchase": baiyi::procurement::imports::model::ExternalState,
        "### Award": baiyi::procurement::awards::model::AwardState,
        "### Challenge": baiyi::procurement::challenges::model::ChallengeState,
        "### Complaint": baiyi::procurement::challenges::model::ComplaintState,
        "### Contract": baiyi::delivery::agreements::model::ContractState,
        "| change": baiyi::delivery::changes::model::ChangeState,
        "| subcontract": baiyi::delivery::subcontracts::model::SubcontractState,
        "### Milestone": baiyi::delivery::agreements::schedule::MilestoneState,
        "### Payment": baiyi::delivery::payments::model::PaymentState,
        "### Funding line": baiyi::money::funding::model::LineState,
        "| year end": baiyi::money::year_ends::model::YearEndState,
        "| resourcing": baiyi::money::resourcings::model::ResourcingState,
        "| pledge": baiyi::money::matching::model::PledgeState,
        "### Organisation": baiyi::parties::organisations::model::OrganisationState,
        "### Incubation": baiyi::market::incubation::model::IncubationState,
        "### Entry of an organisation's file": baiyi::parties::organisations::records::model::RecordState,
        "| bank account": baiyi::parties::organisations::bank_accounts::model::BankAccountState,
        "| signing key": baiyi::parties::organisations::signing_keys::model::SigningKeyState,
        "| mentoring session": baiyi::market::incubation::mentoring::SessionState,
        "### Directory of capable organisations": baiyi::market::directory::model::CallState,
        "### Directory of capable organisations": baiyi::market::directory::model::ApplicationState,
        "### Hundred project": baiyi::outcomes::projects::model::ProjectState,
        "### Outcome report": baiyi::outcomes::reports::model::ReportState,
        "| service session": baiyi::outcomes::sessions::model::SessionState,
        "| social worker's certificate, registration": baiyi::outcomes::workers::model::FactState,
        "### Catalogue edition": baiyi::market::catalogues::model::EditionState,
        "### Rule set": baiyi::parties::regulations::model::RuleSetState,
        "| account": baiyi::people::accounts::model::AccountState,
        "| invitation": baiyi::people::invitations::model::InvitationState,
        "| recovery of an account": baiyi::people::recoveries::model::RecoveryState,
        "| audit notice": baiyi::people::audit_notices::model::AuditNoticeState,
        "| duty exception": baiyi::parties::exceptions::model::ExceptionState,
    }
}

/// What stands under a heading up to the next one, or in the rest of a row, of the chapter on states.
fn at<'d>(document: &'d str, place: &str) -> Option<&'d str> {
    let (_, states) = document.split_once("\n## States\n")?;
    let (begin, end) = if place.starts_with('#') { (format!("\n{place}\n"), "\n##") } else { (format!("\n{place} |"), "\n") };
    let (_, after) = states.split_once(&begin)?;
    after.split(end).next()
}

/// Those of the words that the text does not have as whole words.
fn missing<'w>(text: &str, words: &[&'w str]) -> Vec<&'w str> {
    let there: BTreeSet<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
    words.iter().copied().filter(|word| !there.contains(word)).collect()
}

/// The paths of all enumerations whose names end in `State` and that `text_enum!` makes, by the sources.
fn declared(folder: &Path, module: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inner = format!("{module}::{name}");
        if path.is_dir() {
            declared(&path, &inner, found);
            continue;
        }
        // Inside the macro they are indented.
        let source = std::fs::read_to_string(&path).unwrap();
        let names = source.lines().filter_map(|line| line.strip_prefix("    pub enum ")?.strip_suffix(" {"));
        found.extend(names.filter(|name| name.ends_with("State")).map(|name| format!("{inner}::{name}")));
    }
}

#[test]
fn every_state_is_named_where_its_machine_is_described() {
    let mut faults = Vec::new();
    for Machine { place, path, words } in machines() {
        match at(DOCUMENT, place) {
            None => faults.push(format!("docs/domain.md: no {place:?} among the states, where {path} belongs")),
            Some(text) => {
                let lost = missing(text, &words).into_iter();
                faults.extend(lost.map(|word| format!("docs/domain.md: {place:?} does not name `{word}` of {path}")));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_state_enumeration_is_looked_for() {
    let mut found = BTreeSet::new();
    declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "baiyi", &mut found);
    let known: BTreeSet<String> = machines().iter().map(|machine| machine.path.to_owned()).collect();
    assert!(found.contains("baiyi::procurement::tenders::model::TenderState"), "{found:?}");
    assert_eq!(found, known, "enumerations of src on the left, those looked for in docs/domain.md on the right");
}

#[test]
fn a_made_up_word_and_a_part_of_a_word_are_missed() {
    let document = "\n| bond | daydreaming |\n\n## States\n\n### Lot\n\n open --> in_review: lots.score\n\n### Bid\n\n| bond | `held`. |\n";
    assert_eq!(missing(at(document, "### Lot").unwrap(), &["open", "review", "in_review", "held"]), ["review", "held"]);
    assert_eq!(missing(at(document, "| bond").unwrap(), &["held", "daydreaming"]), ["daydreaming"]);
    assert_eq!((at(document, "### Lots"), at(document, "| bon")), (None, None));
    assert_eq!(missing(at(DOCUMENT, "### Tender").unwrap(), &["published", "daydreaming"]), ["daydreaming"]);
}
