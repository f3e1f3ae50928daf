//! The tables as Diesel sees them. A test compares this file with the columns of both databases.
#![expect(missing_docs, reason = "the columns are documented where their rows are")]

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    account_roles (account_id, role) {
        account_id -> Uid,
        role -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    accounts (id) {
        id -> Uid,
        tenant_id -> Uid,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        state -> Text,
        unit_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    appropriations (id) {
        id -> Uid,
        tenant_id -> Uid,
        fund_id -> Uid,
        kind -> Text,
        document_number -> Text,
        amount_fen -> BigInt,
        functional_class -> Text,
        economic_class -> Text,
        created_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    areas (id) {
        id -> Uid,
        tenant_id -> Uid,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        kind -> Text,
        parent_id -> Nullable<Uid>,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        entrusted_to -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    awards (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        lot_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        bid_id -> Uid,
        organisation_id -> Uid,
        price_fen -> BigInt,
        state -> Text,
        proposed_by -> Uid,
        confirmed_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bids (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        lot_id -> Uid,
        case_id -> Uid,
        organisation_id -> Uid,
        sequence -> Integer,
        state -> Text,
        invalid_because -> Nullable<Text>,
        sealed_by -> Text,
        recipient -> Text,
        ciphertext -> Binary,
        ciphertext_sha256 -> Text,
        submitted_by -> Uid,
        received_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    budget_subjects (tenant_id, code) {
        tenant_id -> Uid,
        code -> Text,
        name_zh -> Text,
        kind -> Text,
        confidence -> Text,
        note -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    calendar_days (tenant_id, day) {
        tenant_id -> Uid,
        day -> Date,
        kind -> Text,
        name_zh -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    catalogue_editions (id) {
        id -> Uid,
        tenant_id -> Uid,
        name -> Text,
        state -> Text,
        published_at -> Nullable<Timestamp>,
        superseded_at -> Nullable<Timestamp>,
        created_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    catalogue_items (id) {
        id -> Uid,
        tenant_id -> Uid,
        edition_id -> Uid,
        code -> Text,
        parent_code -> Nullable<Text>,
        level -> Integer,
        name_zh -> Text,
        name_en -> Text,
        origin -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    contracts (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        award_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        fund_id -> Uid,
        reservation_id -> Uid,
        commitment_id -> Nullable<Uid>,
        project_id -> Nullable<Uid>,
        title -> Text,
        price_fen -> BigInt,
        starts_on -> Date,
        ends_on -> Date,
        state -> Text,
        drafted_by -> Uid,
        approved_by -> Nullable<Uid>,
        org_signed_by -> Nullable<Uid>,
        org_signed_at -> Nullable<Timestamp>,
        purchaser_signed_by -> Nullable<Uid>,
        purchaser_signed_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    criteria (lot_id, position) {
        lot_id -> Uid,
        position -> Integer,
        name -> Text,
        kind -> Text,
        weight_bp -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    documents (id) {
        id -> Uid,
        tenant_id -> Uid,
        owner_kind -> Text,
        owner_id -> Uid,
        case_id -> Nullable<Uid>,
        purpose -> Text,
        filename -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
        uploaded_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    fund_balances (fund_id, account) {
        fund_id -> Uid,
        account -> Text,
        balance_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    funds (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        stream -> Text,
        year -> Integer,
        name_zh -> Text,
        custodian -> Text,
        created_by -> Uid,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    holds (id) {
        id -> Uid,
        tenant_id -> Uid,
        fund_id -> Uid,
        case_id -> Uid,
        kind -> Text,
        cause_kind -> Text,
        cause_id -> Uid,
        amount_fen -> BigInt,
        used_fen -> BigInt,
        released_fen -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    idempotency_keys (id) {
        id -> Uid,
        tenant_id -> Uid,
        principal -> Text,
        key -> Text,
        operation -> Text,
        fingerprint -> Binary,
        status -> Nullable<Integer>,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        body -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    incubations (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        base_unit_id -> Uid,
        state -> Text,
        exit_reason -> Nullable<Text>,
        applied_by -> Uid,
        admitted_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    indicators (id) {
        id -> Uid,
        tenant_id -> Uid,
        project_id -> Uid,
        position -> Integer,
        name_zh -> Text,
        unit_label -> Text,
        kind -> Text,
        direction -> Text,
        baseline -> BigInt,
        target -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    journal_entries (id) {
        id -> Uid,
        tenant_id -> Uid,
        at -> Timestamp,
        actor_id -> Nullable<Uid>,
        action -> Text,
        resource_kind -> Text,
        resource_id -> Uid,
        resource_version -> BigInt,
        case_id -> Nullable<Uid>,
        content -> Nullable<Text>,
        salt -> Nullable<Binary>,
        leaf_hash -> Binary,
        sequence -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    lot_evaluators (lot_id, account_id) {
        lot_id -> Uid,
        account_id -> Uid,
        appointed_by -> Uid,
        appointed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    lots (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        case_id -> Uid,
        number -> Integer,
        title -> Text,
        ceiling_fen -> BigInt,
        state -> Text,
        failed_because -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    milestones (id) {
        id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        case_id -> Uid,
        number -> Integer,
        title -> Text,
        due_on -> Date,
        amount_fen -> BigInt,
        state -> Text,
        delivery_note -> Nullable<Text>,
        delivered_by -> Nullable<Uid>,
        accepted_by -> Nullable<Uid>,
        beneficiaries_opinion -> Nullable<Text>,
        reason -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opened_bids (bid_id) {
        bid_id -> Uid,
        lot_id -> Uid,
        organisation_id -> Uid,
        price_fen -> BigInt,
        offer -> Text,
        opened_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    organisations (id) {
        id -> Uid,
        tenant_id -> Uid,
        uscc -> Text,
        name_zh -> Text,
        kind -> Text,
        legal_representative -> Text,
        contact_email -> Text,
        state -> Text,
        state_reason -> Nullable<Text>,
        verified_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    outbox (id) {
        id -> Uid,
        tenant_id -> Uid,
        kind -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        created_at -> Timestamp,
        due_at -> Timestamp,
        attempts -> Integer,
        claimed_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        abandoned_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    outcome_reports (id) {
        id -> Uid,
        tenant_id -> Uid,
        project_id -> Uid,
        case_id -> Uid,
        period -> Text,
        summary -> Text,
        state -> Text,
        reported_by -> Uid,
        verified_by -> Nullable<Uid>,
        reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    outcome_values (report_id, indicator_id) {
        report_id -> Uid,
        indicator_id -> Uid,
        actual -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payments (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        contract_id -> Uid,
        milestone_id -> Uid,
        fund_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        amount_fen -> BigInt,
        invoice_number -> Text,
        state -> Text,
        return_reason -> Nullable<Text>,
        claimed_by -> Uid,
        checked_by -> Nullable<Uid>,
        accepted_by -> Nullable<Uid>,
        approved_by -> Nullable<Uid>,
        instructed_by -> Nullable<Uid>,
        bank_reference -> Nullable<Text>,
        paid_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    posting_legs (posting_id, account) {
        posting_id -> Uid,
        account -> Text,
        fund_id -> Uid,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    postings (id) {
        id -> Uid,
        tenant_id -> Uid,
        fund_id -> Uid,
        kind -> Text,
        at -> Timestamp,
        case_id -> Nullable<Uid>,
        cause_kind -> Text,
        cause_id -> Uid,
        hold_id -> Nullable<Uid>,
        made_by -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    projects (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        cohort -> Integer,
        number -> Nullable<Integer>,
        name_zh -> Text,
        story -> Text,
        area_id -> Nullable<Uid>,
        state -> Text,
        case_id -> Nullable<Uid>,
        agreement_id -> Nullable<Uid>,
        payee_id -> Nullable<Uid>,
        created_by -> Uid,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    rankings (lot_id, bid_id) {
        lot_id -> Uid,
        bid_id -> Uid,
        place -> Integer,
        points_bp -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    refresh_tokens (id) {
        id -> Uid,
        session_id -> Uid,
        token_hash -> Binary,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    rule_figures (rule_set_id, rule_id, figure) {
        rule_set_id -> Uid,
        rule_id -> Text,
        figure -> Text,
        number -> BigInt,
        unit -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    rule_sets (id) {
        id -> Uid,
        tenant_id -> Uid,
        name -> Text,
        state -> Text,
        published_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    rules (rule_set_id, rule_id) {
        rule_set_id -> Uid,
        rule_id -> Text,
        topic -> Text,
        statement_zh -> Text,
        legal_basis -> Text,
        article -> Text,
        procedures -> Text,
        severity -> Text,
        confidence -> Text,
        effective_from -> Nullable<Date>,
        effective_to -> Nullable<Date>,
        note -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    score_sheets (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        evaluator_id -> Uid,
        comment -> Text,
        submitted_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    scores (sheet_id, bid_id, position) {
        sheet_id -> Uid,
        bid_id -> Uid,
        position -> Integer,
        points_bp -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    sessions (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        revoked_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    tenants (id) {
        id -> Uid,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    tenders (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        catalogue_item_id -> Uid,
        rule_set_id -> Uid,
        fund_id -> Uid,
        title -> Text,
        description -> Text,
        mode -> Text,
        procedure -> Text,
        plain_offers -> Bool,
        state -> Text,
        return_reason -> Nullable<Text>,
        drafted_by -> Uid,
        approved_by -> Nullable<Uid>,
        published_at -> Nullable<Timestamp>,
        bid_deadline -> Nullable<Timestamp>,
        opened_at -> Nullable<Timestamp>,
        reservation_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    units (id) {
        id -> Uid,
        tenant_id -> Uid,
        name_zh -> Text,
        kind -> Text,
        area_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::joinable!(account_roles -> accounts (account_id));
diesel::joinable!(accounts -> tenants (tenant_id));
diesel::joinable!(accounts -> units (unit_id));
diesel::joinable!(accounts -> organisations (organisation_id));
diesel::joinable!(appropriations -> tenants (tenant_id));
diesel::joinable!(appropriations -> funds (fund_id));
diesel::joinable!(appropriations -> accounts (created_by));
diesel::joinable!(areas -> tenants (tenant_id));
diesel::joinable!(awards -> tenants (tenant_id));
diesel::joinable!(awards -> tenders (tender_id));
diesel::joinable!(awards -> lots (lot_id));
diesel::joinable!(awards -> units (unit_id));
diesel::joinable!(awards -> bids (bid_id));
diesel::joinable!(awards -> organisations (organisation_id));
diesel::joinable!(bids -> tenants (tenant_id));
diesel::joinable!(bids -> tenders (tender_id));
diesel::joinable!(bids -> lots (lot_id));
diesel::joinable!(bids -> organisations (organisation_id));
diesel::joinable!(bids -> accounts (submitted_by));
diesel::joinable!(budget_subjects -> tenants (tenant_id));
diesel::joinable!(calendar_days -> tenants (tenant_id));
diesel::joinable!(catalogue_editions -> tenants (tenant_id));
diesel::joinable!(catalogue_items -> tenants (tenant_id));
diesel::joinable!(catalogue_items -> catalogue_editions (edition_id));
diesel::joinable!(contracts -> tenants (tenant_id));
diesel::joinable!(contracts -> awards (award_id));
diesel::joinable!(contracts -> units (unit_id));
diesel::joinable!(contracts -> organisations (organisation_id));
diesel::joinable!(contracts -> funds (fund_id));
diesel::joinable!(contracts -> projects (project_id));
diesel::joinable!(criteria -> lots (lot_id));
diesel::joinable!(documents -> tenants (tenant_id));
diesel::joinable!(documents -> accounts (uploaded_by));
diesel::joinable!(fund_balances -> funds (fund_id));
diesel::joinable!(funds -> tenants (tenant_id));
diesel::joinable!(funds -> units (unit_id));
diesel::joinable!(funds -> accounts (created_by));
diesel::joinable!(holds -> tenants (tenant_id));
diesel::joinable!(holds -> funds (fund_id));
diesel::joinable!(idempotency_keys -> tenants (tenant_id));
diesel::joinable!(incubations -> tenants (tenant_id));
diesel::joinable!(incubations -> organisations (organisation_id));
diesel::joinable!(incubations -> units (base_unit_id));
diesel::joinable!(indicators -> tenants (tenant_id));
diesel::joinable!(indicators -> projects (project_id));
diesel::joinable!(journal_entries -> tenants (tenant_id));
diesel::joinable!(lot_evaluators -> lots (lot_id));
diesel::joinable!(lots -> tenants (tenant_id));
diesel::joinable!(lots -> tenders (tender_id));
diesel::joinable!(milestones -> tenants (tenant_id));
diesel::joinable!(milestones -> contracts (contract_id));
diesel::joinable!(opened_bids -> bids (bid_id));
diesel::joinable!(opened_bids -> lots (lot_id));
diesel::joinable!(opened_bids -> organisations (organisation_id));
diesel::joinable!(organisations -> tenants (tenant_id));
diesel::joinable!(outbox -> tenants (tenant_id));
diesel::joinable!(outcome_reports -> tenants (tenant_id));
diesel::joinable!(outcome_reports -> projects (project_id));
diesel::joinable!(outcome_values -> outcome_reports (report_id));
diesel::joinable!(outcome_values -> indicators (indicator_id));
diesel::joinable!(payments -> tenants (tenant_id));
diesel::joinable!(payments -> contracts (contract_id));
diesel::joinable!(payments -> milestones (milestone_id));
diesel::joinable!(payments -> funds (fund_id));
diesel::joinable!(payments -> units (unit_id));
diesel::joinable!(payments -> organisations (organisation_id));
diesel::joinable!(posting_legs -> postings (posting_id));
diesel::joinable!(posting_legs -> funds (fund_id));
diesel::joinable!(postings -> tenants (tenant_id));
diesel::joinable!(postings -> funds (fund_id));
diesel::joinable!(postings -> holds (hold_id));
diesel::joinable!(postings -> accounts (made_by));
diesel::joinable!(projects -> tenants (tenant_id));
diesel::joinable!(projects -> units (unit_id));
diesel::joinable!(projects -> areas (area_id));
diesel::joinable!(projects -> accounts (created_by));
diesel::joinable!(rankings -> lots (lot_id));
diesel::joinable!(rankings -> bids (bid_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(rule_figures -> rule_sets (rule_set_id));
diesel::joinable!(rule_sets -> tenants (tenant_id));
diesel::joinable!(rules -> rule_sets (rule_set_id));
diesel::joinable!(score_sheets -> tenants (tenant_id));
diesel::joinable!(score_sheets -> lots (lot_id));
diesel::joinable!(score_sheets -> accounts (evaluator_id));
diesel::joinable!(scores -> score_sheets (sheet_id));
diesel::joinable!(scores -> bids (bid_id));
diesel::joinable!(sessions -> tenants (tenant_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(tenders -> tenants (tenant_id));
diesel::joinable!(tenders -> units (unit_id));
diesel::joinable!(tenders -> catalogue_items (catalogue_item_id));
diesel::joinable!(tenders -> rule_sets (rule_set_id));
diesel::joinable!(tenders -> funds (fund_id));
diesel::joinable!(tenders -> holds (reservation_id));
diesel::joinable!(units -> tenants (tenant_id));
diesel::joinable!(units -> areas (area_id));

diesel::allow_tables_to_appear_in_same_query!(
    account_roles,
    accounts,
    appropriations,
    areas,
    awards,
    bids,
    budget_subjects,
    calendar_days,
    catalogue_editions,
    catalogue_items,
    contracts,
    criteria,
    documents,
    fund_balances,
    funds,
    holds,
    idempotency_keys,
    incubations,
    indicators,
    journal_entries,
    lot_evaluators,
    lots,
    milestones,
    opened_bids,
    organisations,
    outbox,
    outcome_reports,
    outcome_values,
    payments,
    posting_legs,
    postings,
    projects,
    rankings,
    refresh_tokens,
    rule_figures,
    rule_sets,
    rules,
    score_sheets,
    scores,
    sessions,
    tenants,
    tenders,
    units,
);
