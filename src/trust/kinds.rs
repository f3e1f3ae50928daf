//! Which rows are held against the journal: kinds of resources as entries name them, the row of each, and the rows that belong to it alone.
//!
//! Whoever changes such a row journals the change afterwards, in the same transaction, under this kind: the entry records how the rows stand then.

/// A kind of resource whose rows an audit holds against the journal.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As the journal names it.
    pub kind: &'static str,
    /// Its own row; none where only the rows that belong to it are held.
    pub row: Option<Table>,
    /// Rows of other tables that belong to it alone.
    pub parts: &'static [Table],
    /// Whether its entries name its state.
    pub stated: bool,
    /// Whether a row to which nothing happened yet has no entry of its own and is named by none.
    pub begins_unnamed: bool,
    /// The action after which its row is gone.
    pub removed_by: Option<&'static str>,
}

/// A table, and how its rows are found by the id of a resource.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub table: &'static str,
    /// The column that holds the id of the resource.
    pub column: &'static str,
    /// The columns that put its rows in an order.
    pub order: &'static str,
    /// Columns that are neither recorded nor taken away: secrets, and marks that tell nothing of the matter, such as when a reminder went out.
    pub hidden: &'static [&'static str],
}

const fn keyed(kind: &'static str, table: &'static str, column: &'static str) -> Kind {
    Kind { kind, row: Some(part(table, column, column)), parts: &[], stated: false, begins_unnamed: false, removed_by: None }
}

const fn kind(kind: &'static str, table: &'static str) -> Kind {
    keyed(kind, table, "id")
}

const fn list(kind: &'static str, parts: &'static [Table]) -> Kind {
    Kind { kind, row: None, parts, stated: false, begins_unnamed: false, removed_by: None }
}

const fn part(table: &'static str, column: &'static str, order: &'static str) -> Table {
    Table { table, column, order, hidden: &[] }
}

impl Table {
    const fn hiding(self, hidden: &'static [&'static str]) -> Self {
        Self { hidden, ..self }
    }
}

impl Kind {
    const fn hiding(self, hidden: &'static [&'static str]) -> Self {
        match self.row {
            Some(row) => Self { row: Some(row.hiding(hidden)), ..self },
            None => self,
        }
    }

    const fn stated(self) -> Self {
        Self { stated: true, ..self }
    }

    const fn begins_unnamed(self) -> Self {
        Self { begins_unnamed: true, ..self }
    }

    const fn with(self, parts: &'static [Table]) -> Self {
        Self { parts, ..self }
    }

    /// Every table of it.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.row.iter().chain(self.parts)
    }
}

/// Documents of whatever owns them.
const DOCUMENTS: Table = part("documents", "owner_id", "id");

/// The kinds.
pub static KINDS: &[Kind] = &[
    // Money; postings, legs, holds and balances are held against the journal as a ledger.
    // A fund's version counts its postings, each of which is an entry of its own.
    kind("fund", "funds")
        .hiding(&["version"])
        .with(&[part("fund_terms", "fund_id", "fund_id"), part("fund_limits", "fund_id", "kind, value")]),
    kind("appropriation", "appropriations").with(&[part("reductions", "appropriation_id", "appropriation_id")]),
    kind("funding_line", "funding_lines").stated().begins_unnamed(),
    kind("pledge", "matching_pledges"),
    kind("resourcing", "resourcings"),
    kind("year_end", "year_ends").with(&[part("year_end_items", "year_end_id", "position")]),
    kind("reconciliation", "reconciliations").with(&[part("reconciliation_differences", "reconciliation_id", "position")]),
    list("stream_exclusions", &[part("stream_exclusions", "tenant_id", "stream, kind, prefix")]),
    // The law and the parties.
    kind("unit", "units").with(&[part("unit_parents", "unit_id", "unit_id")]),
    kind("area", "areas"),
    kind("duty_exception", "duty_exceptions"),
    kind("mandate", "mandates"),
    kind("organisation", "organisations").stated().with(&[
        part("organisation_profiles", "organisation_id", "organisation_id"),
        part("organisation_controllers", "organisation_id", "position"),
        part("organisation_standings", "organisation_id", "id"),
    ]),
    kind("organisation_record", "organisation_records").hiding(&["warned_at"]).with(&[DOCUMENTS]),
    kind("bank_account", "bank_accounts"),
    kind("signing_key", "signing_keys"),
    kind("declaration", "declarations").hiding(&["warned_at"]),
    kind("rule_set", "rule_sets").with(&[part("rules", "rule_set_id", "rule_id"), part("rule_figures", "rule_set_id", "rule_id, figure")]),
    kind("thresholds", "thresholds"),
    list("calendar", &[part("calendar_days", "tenant_id", "day")]),
    list("budget_subjects", &[part("budget_subjects", "tenant_id", "code")]),
    list("forbidden_words", &[part("forbidden_patterns", "tenant_id", "position")]),
    // The market.
    kind("catalogue_edition", "catalogue_editions").with(&[part("catalogue_items", "edition_id", "id")]),
    keyed("incubation_base", "incubation_bases", "unit_id"),
    kind("incubation", "incubations").stated(),
    kind("mentoring_session", "mentoring_sessions"),
    kind("capability_assessment", "capability_assessments"),
    kind("directory_call", "directory_calls"),
    kind("directory_application", "directory_applications"),
    // Procurement.
    kind("plan", "plans").stated().with(&[part("plan_budgets", "plan_id", "position"), part("plan_tenders", "plan_id", "tender_id")]),
    keyed("plan_settings", "plan_settings", "tenant_id"),
    kind("tender", "tenders").stated().with(&[
        DOCUMENTS,
        part("tender_terms", "tender_id", "amendment"),
        part("invitations", "tender_id", "organisation_id"),
        part("lint_overrulings", "tender_id", "id"),
        part("opening_sessions", "tender_id", "tender_id"),
        part("opening_reasons", "tender_id", "lot_id"),
        part("closings", "tender_id", "tender_id").hiding(&["reserves_called_at"]),
        part("opening_contributions", "tender_id", "position"),
    ]),
    kind("lot", "lots").begins_unnamed().with(&[
        part("criteria", "lot_id", "position"),
        part("lot_terms", "lot_id", "amendment"),
        part("evaluations", "lot_id", "lot_id"),
        part("panel_members", "lot_id", "account_id"),
        part("panel_candidates", "lot_id", "position"),
        part("sheet_commitments", "lot_id", "evaluator_id"),
        part("score_sheets", "lot_id", "id"),
        part("rankings", "lot_id", "bid_id"),
    ]),
    kind("external_tender", "external_tenders").with(&[part("external_lots", "external_tender_id", "lot_id")]),
    kind("framework", "frameworks").with(&[part("framework_suppliers", "framework_id", "organisation_id")]),
    kind("framework_order", "framework_orders"),
    kind("tender_amendment", "tender_amendments"),
    kind("question", "questions"),
    kind("site_visit", "site_visits"),
    list("visit_registration", &[part("visit_registrations", "visit_id", "organisation_id")]),
    list("document_receipt", &[part("document_receipts", "tender_id", "organisation_id")]),
    kind("opening_remark", "opening_remarks"),
    kind("expert", "experts").with(&[part("expert_fields", "expert_id", "prefix"), part("expert_ties", "expert_id", "id")]),
    kind("draw", "draws").with(&[part("draw_pool", "draw_id", "position"), part("draw_contributions", "draw_id", "unit_id")]),
    kind("opener_key", "opener_keys"),
    kind("opener_ceremony", "opener_ceremonies")
        .with(&[part("ceremony_members", "ceremony_id", "position"), part("ceremony_shares", "ceremony_id", "sender, receiver")]),
    kind("bond", "bonds").with(&[part("bond_entries", "bond_id", "position")]),
    kind("bid", "bids").stated().with(&[
        part("bid_members", "bid_id", "organisation_id"),
        part("bid_statements", "bid_id", "bid_id"),
        part("bid_signatures", "bid_id", "step"),
        part("opened_bids", "bid_id", "bid_id"),
        part("opened_attachments", "bid_id", "position"),
        part("bid_reveals", "bid_id", "bid_id"),
    ]),
    Kind { removed_by: Some("bid_attachment.removed"), ..kind("bid_attachment", "bid_attachments") },
    kind("consortium_member", "consortium_members"),
    keyed("lot_review", "lot_reviews", "lot_id").with(&[part("review_findings", "lot_id", "id"), part("bid_marks", "lot_id", "id")]),
    kind("low_price_notice", "low_price_notices").with(&[DOCUMENTS]),
    kind("award", "awards").stated(),
    kind("challenge", "challenges").with(&[
        DOCUMENTS,
        part("challenge_points", "challenge_id", "number"),
        part("suspensions", "cause_id", "id"),
    ]),
    kind("complaint", "complaints").with(&[part("complaint_points", "complaint_id", "number"), part("suspensions", "cause_id", "id")]),
    // Delivery.
    kind("contract", "contracts").stated().with(&[
        DOCUMENTS,
        part("acceptance_terms", "contract_id", "contract_id"),
        part("contract_seals", "contract_id", "party"),
        part("contract_filings", "contract_id", "id"),
        part("contract_changes", "contract_id", "number"),
    ]),
    kind("milestone", "milestones")
        .with(&[part("acceptances", "milestone_id", "milestone_id"), part("acceptance_prices", "milestone_id", "milestone_id")]),
    kind("acceptance_signature", "acceptance_signatures"),
    kind("payment", "payments").stated().with(&[part("payment_legs", "payment_id", "line_id"), part("payment_events", "payment_id", "id")]),
    kind("payment_batch", "payment_batches").with(&[part("payment_batch_lines", "batch_id", "position")]),
    kind("subcontract", "subcontracts"),
    kind("performance_review", "performance_reviews"),
    // Outcomes.
    kind("project", "projects")
        .stated()
        .with(&[part("project_workers", "project_id", "worker_id"), part("project_agreements", "project_id", "position")]),
    kind("social_worker", "social_workers").with(&[part("growth_entries", "worker_id", "id")]),
    kind("service_session", "service_sessions"),
    kind("outcome_report", "outcome_reports").stated().with(&[
        DOCUMENTS,
        part("evidence_facts", "report_id", "document_id"),
        part("outcome_values", "report_id", "indicator_id"),
        part("outcome_splits", "report_id", "indicator_id, dimension, part"),
        part("report_reopenings", "report_id", "id"),
    ]),
    kind("indicator", "indicators").with(&[part("indicator_versions", "indicator_id", "version")]),
    // People.
    kind("account", "accounts").hiding(&["password_hash"]).with(&[part("account_roles", "account_id", "role")]),
    kind("delegation", "delegations"),
    kind("unit_post", "unit_posts"),
    kind("audit_notice", "audit_notices").with(&[part("audit_notice_units", "notice_id", "unit_id")]),
];

/// Tables that are held in another way, and how.
pub static ELSEWHERE: &[(&str, &str)] = &[
    ("journal_entries", "each leaf is computed again"),
    ("journal_nodes", "the tree is computed again"),
    ("journal_paddings", "each leaf is computed again"),
    ("journal_checkpoints", "each root is computed again, each signature checked"),
    ("journal_cosignatures", "signed by the witnesses"),
    ("postings", "each is an entry of the journal"),
    ("posting_legs", "from the entry of their posting"),
    ("holds", "from the postings"),
    ("fund_balances", "from the legs"),
    ("bid_receipts", "signed notes, which bidders have and show"),
    ("scores", "from the commitments of the sheets, by the check of the ranking"),
    ("sheet_remarks", "from the commitments of the sheets, by the check of the ranking"),
    ("score_amendments", "from the scores, by the check of the ranking"),
];

/// Tables that are not held against the journal, and why.
pub static NOT_HELD: &[(&str, &str)] = &[
    ("tenants", "made with the database, before there is a journal"),
    ("sessions", "short-lived; their opening and end are entries"),
    ("refresh_tokens", "short-lived secrets"),
    ("second_factors", "secrets; each step is an entry"),
    ("recovery_codes", "secrets; each step is an entry"),
    ("api_tokens", "secrets; each step is an entry"),
    ("password_resets", "short-lived secrets"),
    ("account_confirmations", "short-lived secrets"),
    ("account_invitations", "secrets; each step is an entry"),
    ("account_recoveries", "secrets; each step is an entry"),
    ("bid_drafts", "nobody but the bidder knows of them"),
    ("readings", "who read what; a log beside the journal"),
    ("outbox", "messages to send"),
    ("idempotency_keys", "answers to repeat for a while"),
    ("payment_desks", "the history of a claim's desks, which its entries tell as well"),
    ("framework_tenders", "which framework a tender set up; both name it in their entries"),
    ("outliers", "computed from the scores; each answer is an entry"),
    ("authority_links", "the invariants of the ledger hold each link against its two appropriations"),
    ("rule_confirmations", "who confirmed a rule; each is an entry"),
];

/// The kind of this name.
pub fn kind_of(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.kind == name)
}
