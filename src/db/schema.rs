//! The tables as Diesel sees them. A test compares this file with the columns of both databases.
#![expect(missing_docs, reason = "the columns are documented where their rows are")]

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    acceptance_prices (milestone_id) {
        milestone_id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        unit_label -> Text,
        unit_price_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    acceptance_signatures (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        milestone_id -> Uid,
        round -> BigInt,
        account_id -> Uid,
        role -> Text,
        score -> Nullable<Integer>,
        opinion -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    acceptance_terms (contract_id) {
        contract_id -> Uid,
        tenant_id -> Uid,
        signers -> Integer,
        bands -> JsonDoc,
        made_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    acceptances (milestone_id) {
        milestone_id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        case_id -> Uid,
        round -> BigInt,
        score_hundredths -> Nullable<Integer>,
        quantity -> Nullable<BigInt>,
        unit_price_fen -> Nullable<BigInt>,
        agreed_fen -> BigInt,
        measured_fen -> BigInt,
        accepted_fen -> BigInt,
        concluded_by -> Uid,
        concluded_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    account_confirmations (id) {
        id -> Uid,
        tenant_id -> Uid,
        email -> Text,
        name -> Text,
        password_hash -> Text,
        roles -> Text,
        organisation_id -> Uid,
        token_hash -> Binary,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    account_invitations (id) {
        id -> Uid,
        tenant_id -> Uid,
        email -> Text,
        roles -> Text,
        unit_id -> Nullable<Uid>,
        organisation_id -> Nullable<Uid>,
        token_hash -> Binary,
        state -> Text,
        invited_by -> Uid,
        expires_at -> Timestamp,
        account_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    account_recoveries (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        unit_id -> Nullable<Uid>,
        state -> Text,
        reason -> Text,
        asked_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

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

    api_tokens (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        name -> Text,
        token_hash -> Binary,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
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
        project_code -> Nullable<Text>,
        nature -> Nullable<Text>,
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

    audit_notice_units (notice_id, unit_id) {
        notice_id -> Uid,
        unit_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    audit_notices (id) {
        id -> Uid,
        tenant_id -> Uid,
        number -> Text,
        subject -> Text,
        auditor_id -> Uid,
        from_year -> Integer,
        to_year -> Integer,
        valid_from -> Date,
        valid_until -> Date,
        issued_by -> Uid,
        ended_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    authority_links (out_id) {
        out_id -> Uid,
        in_id -> Uid,
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
        bid_id -> Nullable<Uid>,
        organisation_id -> Uid,
        price_fen -> BigInt,
        state -> Text,
        proposed_by -> Uid,
        confirmed_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
        origin -> Text,
        place -> Nullable<Integer>,
        reason -> Nullable<Text>,
        decided_on -> Nullable<Date>,
        published_at -> Nullable<Timestamp>,
        notice_ends -> Nullable<Date>,
        standstill_ends -> Nullable<Date>,
        notice_url -> Nullable<Text>,
        ended_by -> Nullable<Uid>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bank_accounts (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        holder -> Text,
        bank -> Text,
        number -> Text,
        state -> Text,
        proposed_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_attachments (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        organisation_id -> Uid,
        bid_id -> Nullable<Uid>,
        position -> Integer,
        sealed_by -> Text,
        recipient -> Text,
        label -> Nullable<Binary>,
        ciphertext_sha256 -> Text,
        size_bytes -> BigInt,
        uploaded_by -> Uid,
        uploaded_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_drafts (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        organisation_id -> Uid,
        recipient -> Text,
        ciphertext -> Binary,
        updated_by -> Uid,
        updated_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_marks (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        bid_id -> Uid,
        kind -> Text,
        rule -> Text,
        other_bid_id -> Nullable<Uid>,
        stops -> Bool,
        detail_zh -> Text,
        detail_en -> Text,
        remedy_zh -> Text,
        remedy_en -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_members (bid_id, organisation_id) {
        bid_id -> Uid,
        organisation_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_receipts (bid_id) {
        bid_id -> Uid,
        provisional -> Text,
        finished -> Nullable<Text>,
        issued_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_reveals (bid_id) {
        bid_id -> Uid,
        tender_id -> Uid,
        file_keys -> JsonDoc,
        revealed_by -> Uid,
        revealed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_signatures (bid_id, step) {
        bid_id -> Uid,
        step -> Text,
        signing_key_id -> Uid,
        statement -> Text,
        signature -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bid_statements (bid_id) {
        bid_id -> Uid,
        subcontracting -> Nullable<Text>,
        declarations -> JsonDoc,
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

    bond_entries (bond_id, position) {
        bond_id -> Uid,
        position -> Integer,
        tenant_id -> Uid,
        kind -> Text,
        amount_fen -> BigInt,
        reference -> Text,
        reason -> Nullable<Text>,
        entered_by -> Uid,
        entered_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    bonds (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        kind -> Text,
        tender_id -> Nullable<Uid>,
        lot_id -> Nullable<Uid>,
        contract_id -> Nullable<Uid>,
        organisation_id -> Uid,
        form -> Text,
        reference -> Text,
        demanded_fen -> BigInt,
        state -> Text,
        state_reason -> Nullable<Text>,
        return_ground -> Nullable<Text>,
        return_due_on -> Nullable<Date>,
        lodged_by -> Uid,
        lodged_at -> Timestamp,
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

    capability_assessments (id) {
        id -> Uid,
        tenant_id -> Uid,
        incubation_id -> Uid,
        assessed_on -> Date,
        scores -> JsonDoc,
        remark -> Nullable<Text>,
        assessed_by -> Uid,
        created_at -> Timestamp,
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

    ceremony_members (ceremony_id, position) {
        ceremony_id -> Uid,
        position -> Integer,
        key_id -> Uid,
        account_id -> Uid,
        unit_id -> Uid,
        name -> Text,
        signing_key -> Text,
        recipient -> Text,
        package -> Nullable<Text>,
        package_signature -> Nullable<Text>,
        transcript_signature -> Nullable<Text>,
        reserve -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    ceremony_shares (ceremony_id, sender, receiver) {
        ceremony_id -> Uid,
        sender -> Integer,
        receiver -> Integer,
        ciphertext -> Text,
        signature -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    challenge_points (challenge_id, number) {
        challenge_id -> Uid,
        number -> Integer,
        fact -> Text,
        request -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    challenges (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        lot_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        step -> Text,
        about_id -> Uid,
        award_id -> Nullable<Uid>,
        known_on -> Nullable<Date>,
        state -> Text,
        filed_by -> Uid,
        filed_at -> Timestamp,
        answer_due_on -> Nullable<Date>,
        answer -> Nullable<Text>,
        consequence -> Nullable<Text>,
        answered_by -> Nullable<Uid>,
        answered_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    closings (tender_id) {
        tender_id -> Uid,
        tenant_id -> Uid,
        ceremony_id -> Nullable<Uid>,
        content -> Text,
        root -> Text,
        entry_id -> Uid,
        closed_at -> Timestamp,
        reserves_called_at -> Nullable<Timestamp>,
        lost_at -> Nullable<Timestamp>,
        lost_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    complaint_points (complaint_id, number) {
        complaint_id -> Uid,
        number -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    complaints (id) {
        id -> Uid,
        tenant_id -> Uid,
        challenge_id -> Uid,
        lot_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        statement -> Text,
        state -> Text,
        filed_by -> Uid,
        filed_at -> Timestamp,
        reviewed_by -> Nullable<Uid>,
        reviewed_at -> Nullable<Timestamp>,
        review_reason -> Nullable<Text>,
        decision -> Nullable<Text>,
        consequence -> Nullable<Text>,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    consortium_members (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        lead_id -> Uid,
        member_id -> Uid,
        state -> Text,
        invited_by -> Uid,
        invited_at -> Timestamp,
        answered_by -> Nullable<Uid>,
        answered_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    contract_changes (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        contract_id -> Uid,
        number -> Integer,
        kind -> Text,
        amount_fen -> BigInt,
        fund_id -> Nullable<Uid>,
        milestone_id -> Nullable<Uid>,
        title -> Nullable<Text>,
        due_on -> Nullable<Date>,
        reason -> Text,
        beneficiaries_opinion -> Nullable<Text>,
        state -> Text,
        proposed_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        decision_note -> Nullable<Text>,
        released_fen -> BigInt,
        created_at -> Timestamp,
        unilateral_ground -> Nullable<Text>,
        consented_by -> Nullable<Uid>,
        consented_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    contract_filings (id) {
        id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        case_id -> Uid,
        kind -> Text,
        done_on -> Date,
        reference -> Text,
        due_on -> Nullable<Date>,
        late_reason -> Nullable<Text>,
        made_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    contract_seals (contract_id, party) {
        contract_id -> Uid,
        party -> Text,
        tenant_id -> Uid,
        service -> Text,
        document_sha256 -> Text,
        sealed_at -> Timestamp,
        signature -> Text,
        created_at -> Timestamp,
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
        source_kind -> Nullable<Text>,
        source_id -> Nullable<Uid>,
        released_fen -> BigInt,
        halt_reason -> Nullable<Text>,
        payment_term_days -> Nullable<Integer>,
        org_signed_sha256 -> Nullable<Text>,
        purchaser_signed_sha256 -> Nullable<Text>,
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

    declarations (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        kind -> Text,
        statement -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        withdrawn_at -> Nullable<Timestamp>,
        withdraw_reason -> Nullable<Text>,
        warned_at -> Nullable<Timestamp>,
        declared_by -> Uid,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    delegations (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        from_account_id -> Uid,
        to_account_id -> Uid,
        roles -> Text,
        valid_from -> Date,
        valid_to -> Date,
        reason -> Text,
        made_by -> Uid,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Uid>,
        end_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    directory_applications (id) {
        id -> Uid,
        tenant_id -> Uid,
        call_id -> Uid,
        organisation_id -> Uid,
        item_code -> Text,
        item_name -> Text,
        statement -> Text,
        evidence -> JsonDoc,
        state -> Text,
        applied_by -> Uid,
        assessed_by -> Nullable<Uid>,
        assessed_at -> Nullable<Timestamp>,
        assessment -> Nullable<Text>,
        counted_grade -> Nullable<Text>,
        removed_by -> Nullable<Uid>,
        removed_at -> Nullable<Timestamp>,
        removal_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    directory_calls (id) {
        id -> Uid,
        tenant_id -> Uid,
        edition -> Text,
        year -> Integer,
        criteria -> Text,
        min_grade -> Nullable<Text>,
        opens_on -> Date,
        closes_on -> Date,
        publicity_days -> Integer,
        state -> Text,
        publicity_until -> Nullable<Date>,
        cancel_reason -> Nullable<Text>,
        created_by -> Uid,
        published_by -> Nullable<Uid>,
        published_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    document_receipts (tender_id, organisation_id) {
        tender_id -> Uid,
        organisation_id -> Uid,
        tenant_id -> Uid,
        obtained_by -> Uid,
        obtained_at -> Timestamp,
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

    draw_contributions (draw_id, unit_id) {
        draw_id -> Uid,
        unit_id -> Uid,
        position -> Integer,
        account_id -> Uid,
        commitment -> Text,
        committed_at -> Timestamp,
        nonce -> Nullable<Text>,
        revealed_at -> Nullable<Timestamp>,
        late -> Bool,
        pool_root -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    draw_pool (draw_id, position) {
        draw_id -> Uid,
        position -> Integer,
        leaf -> Text,
        salt -> Text,
        member_id -> Uid,
        turn -> Nullable<Integer>,
        outcome -> Nullable<Text>,
        passed_because -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    draws (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        purpose -> Text,
        place -> Nullable<Integer>,
        method -> Text,
        because -> Nullable<Text>,
        experts -> Integer,
        field -> Nullable<Text>,
        representatives -> Text,
        reveal_hours -> Integer,
        state -> Text,
        opened_by -> Uid,
        opened_at -> Timestamp,
        frozen_at -> Nullable<Timestamp>,
        freeze_entry -> Nullable<Uid>,
        reveal_by -> Nullable<Timestamp>,
        pool_root -> Nullable<Text>,
        checkpoint_size -> Nullable<BigInt>,
        checkpoint_root -> Nullable<Text>,
        seed -> Nullable<Text>,
        drawn_at -> Nullable<Timestamp>,
        silent_unit -> Nullable<Uid>,
        ended_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    duty_exceptions (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        action -> Text,
        resource_kind -> Text,
        resource_id -> Uid,
        account_id -> Uid,
        reason -> Text,
        made_by -> Uid,
        state -> Text,
        review_due -> Date,
        review_note -> Nullable<Text>,
        reviewed_by -> Nullable<Uid>,
        reviewed_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    evaluations (lot_id) {
        lot_id -> Uid,
        tenant_id -> Uid,
        kind -> Text,
        field -> Nullable<Text>,
        experts -> Integer,
        seed -> Nullable<Text>,
        outlier_share_bp -> Integer,
        made_by -> Uid,
        made_at -> Timestamp,
        discussion_opened_at -> Nullable<Timestamp>,
        discussion_closed_at -> Nullable<Timestamp>,
        ranked_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        commitments_closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    evidence_facts (document_id) {
        document_id -> Uid,
        report_id -> Uid,
        indicator_id -> Nullable<Uid>,
        taken_on -> Nullable<Date>,
        place -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    expert_fields (expert_id, prefix) {
        expert_id -> Uid,
        prefix -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    expert_ties (id) {
        id -> Uid,
        tenant_id -> Uid,
        expert_id -> Uid,
        kind -> Text,
        organisation_id -> Nullable<Uid>,
        unit_id -> Nullable<Uid>,
        uscc -> Nullable<Text>,
        name -> Text,
        from_on -> Nullable<Date>,
        until_on -> Nullable<Date>,
        declared_by -> Uid,
        declared_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    experts (id) {
        id -> Uid,
        tenant_id -> Uid,
        name -> Text,
        account_id -> Nullable<Uid>,
        state -> Text,
        state_reason -> Nullable<Text>,
        version -> BigInt,
        created_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    external_lots (lot_id) {
        lot_id -> Uid,
        external_tender_id -> Uid,
        organisation_id -> Uid,
        price_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    external_tenders (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        tender_id -> Uid,
        plan_number -> Text,
        platform -> Text,
        announcement_url -> Text,
        procedure_used -> Text,
        announced_on -> Date,
        deadline_on -> Date,
        bidders -> Nullable<Integer>,
        panel -> JsonDoc,
        findings -> JsonDoc,
        notice_number -> Text,
        notice_url -> Text,
        awarded_on -> Date,
        state -> Text,
        reason -> Nullable<Text>,
        imported_by -> Uid,
        approved_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    forbidden_patterns (tenant_id, position) {
        tenant_id -> Uid,
        position -> Integer,
        pattern -> Text,
        kind -> Text,
        rule_id -> Text,
        article -> Nullable<Text>,
        example -> Text,
        counter_example -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    framework_orders (id) {
        id -> Uid,
        tenant_id -> Uid,
        framework_id -> Uid,
        tender_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        quantity -> BigInt,
        unit_price_fen -> BigInt,
        amount_fen -> BigInt,
        reason -> Text,
        ordered_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    framework_suppliers (framework_id, organisation_id) {
        framework_id -> Uid,
        organisation_id -> Uid,
        unit_price_fen -> BigInt,
        limit_fen -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    framework_tenders (tender_id) {
        tender_id -> Uid,
        framework_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    frameworks (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        district_wide -> Bool,
        catalogue_item_id -> Uid,
        title -> Text,
        unit_label -> Text,
        source_tender_id -> Nullable<Uid>,
        reference -> Nullable<Text>,
        reference_url -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Date,
        competition_above_fen -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        drafted_by -> Uid,
        activated_by -> Nullable<Uid>,
        version -> BigInt,
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

    fund_limits (fund_id, kind, value) {
        fund_id -> Uid,
        kind -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    fund_terms (fund_id) {
        fund_id -> Uid,
        payer_unit_id -> Nullable<Uid>,
        monthly_ceiling_fen -> Nullable<BigInt>,
        purpose -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    funding_lines (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        owner_kind -> Text,
        owner_id -> Uid,
        position -> Integer,
        fund_id -> Nullable<Uid>,
        stream -> Text,
        year -> Integer,
        amount_fen -> BigInt,
        state -> Text,
        hold_id -> Nullable<Uid>,
        source_id -> Nullable<Uid>,
        purpose_code -> Nullable<Text>,
        area_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
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

    growth_entries (id) {
        id -> Uid,
        tenant_id -> Uid,
        worker_id -> Uid,
        happened_on -> Date,
        kind -> Text,
        minutes -> Nullable<Integer>,
        text -> Text,
        made_by -> Uid,
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

    incubation_bases (unit_id) {
        unit_id -> Uid,
        tenant_id -> Uid,
        places -> Integer,
        set_by -> Uid,
        version -> BigInt,
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
        admission_reason -> Nullable<Text>,
        admitted_at -> Nullable<Timestamp>,
        started_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    indicator_versions (indicator_id, version) {
        indicator_id -> Uid,
        version -> BigInt,
        tenant_id -> Uid,
        target -> BigInt,
        method -> Nullable<Text>,
        reason -> Text,
        replaced_by -> Uid,
        replaced_at -> Timestamp,
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
        accumulation -> Text,
        aggregatable -> Bool,
        method -> Nullable<Text>,
        source -> Nullable<Text>,
        frequency -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    invitations (tender_id, organisation_id) {
        tender_id -> Uid,
        organisation_id -> Uid,
        invited_by -> Uid,
        invited_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    journal_checkpoints (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    journal_cosignatures (size, witness) {
        size -> BigInt,
        witness -> Text,
        line -> Text,
        made_at -> Timestamp,
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

    journal_nodes (level, position) {
        level -> Integer,
        position -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    journal_paddings (position) {
        position -> BigInt,
        salt -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    lint_overrulings (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        kind -> Text,
        criterion -> Text,
        reason -> Text,
        overruled_by -> Uid,
        overruled_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    lot_reviews (lot_id) {
        lot_id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        state -> Text,
        low_share_bp -> Integer,
        started_by -> Uid,
        started_at -> Timestamp,
        concluded_by -> Nullable<Uid>,
        concluded_at -> Nullable<Timestamp>,
        note -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    lot_terms (lot_id, amendment) {
        lot_id -> Uid,
        amendment -> Integer,
        tenant_id -> Uid,
        tender_id -> Uid,
        terms -> JsonDoc,
        written_by -> Uid,
        written_at -> Timestamp,
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

    low_price_notices (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        lot_id -> Uid,
        bid_id -> Uid,
        case_id -> Uid,
        organisation_id -> Uid,
        price_fen -> BigInt,
        triggers -> Text,
        state -> Text,
        question -> Text,
        asked_by -> Uid,
        asked_at -> Timestamp,
        ends_at -> Timestamp,
        explanation -> Nullable<Text>,
        explained_by -> Nullable<Uid>,
        explained_at -> Nullable<Timestamp>,
        decision_reason -> Nullable<Text>,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    mandates (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        agent_unit_id -> Uid,
        account_id -> Nullable<Uid>,
        case_kind -> Nullable<Text>,
        case_id -> Nullable<Uid>,
        scope -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        reason -> Text,
        made_by -> Uid,
        revoked_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Uid>,
        revoke_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    matching_pledges (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        case_id -> Nullable<Uid>,
        donor_zh -> Text,
        purpose -> Text,
        amount_fen -> BigInt,
        state -> Text,
        evidence -> Nullable<Text>,
        pledged_by -> Uid,
        evidenced_by -> Nullable<Uid>,
        verified_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    mentoring_sessions (id) {
        id -> Uid,
        tenant_id -> Uid,
        incubation_id -> Uid,
        held_on -> Date,
        minutes -> Integer,
        topic -> Text,
        mentor -> Text,
        state -> Text,
        recorded_by -> Uid,
        answered_by -> Nullable<Uid>,
        answered_at -> Nullable<Timestamp>,
        answer_note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
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
        cleared_fen -> BigInt,
        deducted_fen -> BigInt,
        delivered_at -> Nullable<Timestamp>,
        deliverables -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opened_attachments (attachment_id) {
        attachment_id -> Uid,
        bid_id -> Uid,
        position -> Integer,
        filename -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        sha256 -> Text,
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

    opener_ceremonies (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        threshold -> Integer,
        state -> Text,
        recipient -> Nullable<Text>,
        transcript -> Nullable<Text>,
        named_by -> Uid,
        abandoned_because -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        completed_at -> Nullable<Timestamp>,
        reserve_after_hours -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opener_keys (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        signing_key -> Text,
        recipient -> Text,
        fingerprint -> Text,
        state -> Text,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opening_contributions (tender_id, position) {
        tender_id -> Uid,
        position -> Integer,
        account_id -> Uid,
        state -> Text,
        wrong_because -> Nullable<Text>,
        partials -> Text,
        signature -> Text,
        contributed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opening_reasons (lot_id) {
        lot_id -> Uid,
        tender_id -> Uid,
        reason -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opening_remarks (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        organisation_id -> Uid,
        kind -> Text,
        text -> Nullable<Text>,
        made_by -> Uid,
        made_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    opening_sessions (tender_id) {
        tender_id -> Uid,
        tenant_id -> Uid,
        opened_by -> Uid,
        opened_at -> Timestamp,
        closed_by -> Nullable<Uid>,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    organisation_controllers (organisation_id, position) {
        organisation_id -> Uid,
        position -> Integer,
        tenant_id -> Uid,
        kind -> Text,
        name -> Text,
        name_key -> Text,
        uscc -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    organisation_profiles (organisation_id) {
        organisation_id -> Uid,
        tenant_id -> Uid,
        head_name -> Text,
        head_name_key -> Text,
        head_digest -> Nullable<Binary>,
        head_last_four -> Nullable<Text>,
        contact_name -> Text,
        contact_name_key -> Text,
        contact_phone -> Text,
        contact_phone_key -> Text,
        address -> Text,
        address_key -> Text,
        verified_by -> Nullable<Uid>,
        verified_at -> Nullable<Timestamp>,
        version -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    organisation_records (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        kind -> Text,
        certificate_kind -> Nullable<Text>,
        number -> Nullable<Text>,
        issuer -> Text,
        grade -> Nullable<Text>,
        year -> Nullable<Integer>,
        result -> Nullable<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        replaces_id -> Nullable<Uid>,
        document_id -> Nullable<Uid>,
        document_sha256 -> Nullable<Text>,
        state -> Text,
        entered_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        decide_reason -> Nullable<Text>,
        warned_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    organisation_standings (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        kind -> Text,
        reason -> Text,
        source -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        decided_by -> Nullable<Uid>,
        lifted_on -> Nullable<Date>,
        lifted_by -> Nullable<Uid>,
        lift_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        known_on -> Nullable<Date>,
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

    outcome_splits (report_id, indicator_id, dimension, part) {
        report_id -> Uid,
        indicator_id -> Uid,
        dimension -> Text,
        part -> Text,
        number -> BigInt,
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
        numerator -> Nullable<BigInt>,
        denominator -> Nullable<BigInt>,
        indicator_version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    outliers (sheet_id, bid_id) {
        sheet_id -> Uid,
        bid_id -> Uid,
        own_bp -> BigInt,
        others_bp -> BigInt,
        answer -> Nullable<Text>,
        reason -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    panel_candidates (lot_id, position) {
        lot_id -> Uid,
        position -> Integer,
        expert_id -> Uid,
        called -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    panel_members (lot_id, account_id) {
        lot_id -> Uid,
        account_id -> Uid,
        expert_id -> Nullable<Uid>,
        capacity -> Text,
        is_chair -> Bool,
        state -> Text,
        state_reason -> Nullable<Text>,
        appointed_by -> Uid,
        appointed_at -> Timestamp,
        left_at -> Nullable<Timestamp>,
        signed_at -> Nullable<Timestamp>,
        agrees -> Nullable<Bool>,
        dissent -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    password_resets (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        token_hash -> Binary,
        made_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payment_batch_lines (payment_id, instruction) {
        payment_id -> Uid,
        instruction -> Integer,
        batch_id -> Uid,
        position -> Integer,
        bank_account_id -> Uid,
        bank_account_version -> BigInt,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payment_batches (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        number -> Integer,
        format -> Text,
        amount_fen -> BigInt,
        sha256 -> Text,
        content -> Binary,
        created_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payment_desks (id) {
        id -> Uid,
        tenant_id -> Uid,
        payment_id -> Uid,
        place -> Integer,
        desk -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        entered_at -> Timestamp,
        left_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payment_events (id) {
        id -> Uid,
        tenant_id -> Uid,
        payment_id -> Uid,
        kind -> Text,
        amount_fen -> BigInt,
        reason -> Text,
        reference -> Text,
        made_by -> Uid,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    payment_legs (payment_id, line_id) {
        payment_id -> Uid,
        line_id -> Uid,
        amount_fen -> BigInt,
        refunded_fen -> BigInt,
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
        kind -> Text,
        donation_receipt -> Nullable<Text>,
        invoice_code -> Text,
        bank_account_id -> Nullable<Uid>,
        bank_account_version -> Nullable<BigInt>,
        instructions -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    performance_reviews (id) {
        id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        quality -> Integer,
        timeliness -> Integer,
        satisfaction -> Integer,
        comment -> Text,
        reviewed_by -> Uid,
        reply -> Nullable<Text>,
        replied_by -> Nullable<Uid>,
        replied_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    plan_budgets (plan_id, position) {
        plan_id -> Uid,
        position -> Integer,
        stream -> Text,
        year -> Integer,
        fund_id -> Nullable<Uid>,
        amount_fen -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    plan_settings (tenant_id) {
        tenant_id -> Uid,
        intention_days -> Nullable<Integer>,
        source -> Nullable<Text>,
        version -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    plan_tenders (tender_id) {
        tender_id -> Uid,
        plan_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    plans (id) {
        id -> Uid,
        tenant_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        year -> Integer,
        title -> Text,
        need -> Text,
        need_id -> Nullable<Uid>,
        catalogue_item_id -> Uid,
        off_catalogue_name -> Nullable<Text>,
        finance_approval -> Nullable<Text>,
        mode -> Text,
        procedure -> Text,
        procedure_approval -> Nullable<Text>,
        public_service -> Bool,
        term_months -> Integer,
        expected_on -> Date,
        details -> JsonDoc,
        state -> Text,
        reason -> Nullable<Text>,
        drafted_by -> Uid,
        approved_by -> Nullable<Uid>,
        published_at -> Nullable<Timestamp>,
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
        reference -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    project_agreements (project_id, agreement_id) {
        project_id -> Uid,
        agreement_id -> Uid,
        case_id -> Uid,
        payee_id -> Uid,
        position -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    project_workers (project_id, worker_id) {
        project_id -> Uid,
        worker_id -> Uid,
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
        brand -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    questions (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        case_id -> Uid,
        organisation_id -> Uid,
        asked_by -> Uid,
        asked_at -> Timestamp,
        asked -> Text,
        due_on -> Nullable<Date>,
        state -> Text,
        published_as -> Nullable<Text>,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Uid>,
        answered_at -> Nullable<Timestamp>,
        version -> BigInt,
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

    readings (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        token_id -> Nullable<Uid>,
        operation -> Text,
        why -> Text,
        request_id -> Nullable<Uid>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    reconciliation_differences (reconciliation_id, position) {
        reconciliation_id -> Uid,
        position -> Integer,
        kind -> Text,
        reference -> Text,
        treasury_fen -> Nullable<BigInt>,
        ledger_fen -> Nullable<BigInt>,
        explanation -> Nullable<Text>,
        explained_by -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    reconciliations (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        month -> Text,
        file_sha256 -> Text,
        matched -> Integer,
        made_by -> Uid,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    recovery_codes (id) {
        id -> Uid,
        factor_id -> Uid,
        code_hash -> Binary,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    reductions (appropriation_id) {
        appropriation_id -> Uid,
        tenant_id -> Uid,
        fund_id -> Uid,
        document_number -> Text,
        amount_fen -> BigInt,
        settled_fen -> BigInt,
        created_at -> Timestamp,
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

    report_reopenings (id) {
        id -> Uid,
        tenant_id -> Uid,
        report_id -> Uid,
        reason -> Text,
        asked_by -> Uid,
        asked_at -> Timestamp,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    resourcings (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        case_id -> Uid,
        line_id -> Uid,
        to_fund_id -> Uid,
        amount_fen -> BigInt,
        reason -> Text,
        state -> Text,
        proposed_by -> Uid,
        decided_by -> Nullable<Uid>,
        new_line_id -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    review_findings (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        bid_id -> Uid,
        stage -> Text,
        criterion -> Text,
        passed -> Bool,
        ground -> Nullable<Text>,
        reason -> Nullable<Text>,
        made_by -> Uid,
        made_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    rule_confirmations (id) {
        id -> Uid,
        tenant_id -> Uid,
        rule_set_id -> Uid,
        former_set_id -> Uid,
        rule_id -> Text,
        sequence -> BigInt,
        change -> Text,
        severity -> Text,
        confidence -> Text,
        former_severity -> Text,
        former_confidence -> Text,
        source -> Text,
        note -> Text,
        made_by -> Uid,
        made_at -> Timestamp,
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

    score_amendments (sheet_id, bid_id, position) {
        sheet_id -> Uid,
        bid_id -> Uid,
        position -> Integer,
        before_bp -> Integer,
        after_bp -> Integer,
        amended_at -> Timestamp,
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

    second_factors (id) {
        id -> Uid,
        tenant_id -> Uid,
        account_id -> Uid,
        secret -> Binary,
        made_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        ended_because -> Nullable<Text>,
        last_step -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    service_sessions (id) {
        id -> Uid,
        tenant_id -> Uid,
        project_id -> Uid,
        case_id -> Nullable<Uid>,
        unit_id -> Uid,
        organisation_id -> Uid,
        worker_id -> Uid,
        held_on -> Date,
        minutes -> Integer,
        place -> Text,
        kind -> Text,
        persons -> Integer,
        note -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        recorded_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
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
        proved_at -> Nullable<Timestamp>,
        factor_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    sheet_commitments (lot_id, evaluator_id) {
        lot_id -> Uid,
        evaluator_id -> Uid,
        commitment -> Text,
        brought -> Text,
        committed_at -> Timestamp,
        nonce -> Nullable<Text>,
        sheet_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    sheet_remarks (sheet_id, bid_id) {
        sheet_id -> Uid,
        bid_id -> Uid,
        remark -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    signing_keys (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        public_key -> Text,
        fingerprint -> Text,
        demanded -> Bool,
        state -> Text,
        proposed_by -> Uid,
        confirmed_by -> Nullable<Uid>,
        confirmed_at -> Nullable<Timestamp>,
        revoked_by -> Nullable<Uid>,
        revoked_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    site_visits (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        case_id -> Uid,
        held_at -> Timestamp,
        register_until -> Timestamp,
        place -> Text,
        note -> Nullable<Text>,
        set_by -> Uid,
        set_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    social_workers (id) {
        id -> Uid,
        tenant_id -> Uid,
        organisation_id -> Uid,
        name -> Text,
        certificate_level -> Nullable<Text>,
        certificate_number -> Nullable<Text>,
        certificate_issued_on -> Nullable<Date>,
        certificate_state -> Text,
        registration_authority -> Nullable<Text>,
        registration_until -> Nullable<Date>,
        registration_state -> Text,
        made_by -> Uid,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    stream_exclusions (tenant_id, stream, kind, prefix) {
        tenant_id -> Uid,
        stream -> Text,
        kind -> Text,
        prefix -> Text,
        rule_id -> Text,
        note -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    subcontracts (id) {
        id -> Uid,
        tenant_id -> Uid,
        contract_id -> Uid,
        case_id -> Uid,
        unit_id -> Uid,
        organisation_id -> Uid,
        subcontractor_id -> Uid,
        scope -> Text,
        amount_fen -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        proposed_by -> Uid,
        decided_by -> Nullable<Uid>,
        decided_at -> Nullable<Timestamp>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    suspensions (id) {
        id -> Uid,
        tenant_id -> Uid,
        lot_id -> Uid,
        cause_kind -> Text,
        cause_id -> Uid,
        reason -> Text,
        imposed_by -> Uid,
        imposed_at -> Timestamp,
        ends_on -> Nullable<Date>,
        lifted_at -> Nullable<Timestamp>,
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

    tender_amendments (id) {
        id -> Uid,
        tenant_id -> Uid,
        tender_id -> Uid,
        case_id -> Uid,
        kind -> Text,
        state -> Text,
        number -> Nullable<Integer>,
        body -> Text,
        material -> Bool,
        rebids -> Bool,
        former_deadline -> Timestamp,
        bid_deadline -> Nullable<Timestamp>,
        changes -> JsonDoc,
        decision_reason -> Nullable<Text>,
        written_by -> Uid,
        written_at -> Timestamp,
        decided_by -> Nullable<Uid>,
        published_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    tender_terms (tender_id, amendment) {
        tender_id -> Uid,
        amendment -> Integer,
        tenant_id -> Uid,
        terms -> JsonDoc,
        written_by -> Uid,
        written_at -> Timestamp,
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
        version -> BigInt,
        created_at -> Timestamp,
        solicitation -> Text,
        amendment -> Integer,
        procedure_reason -> Nullable<Text>,
        named_organisation_id -> Nullable<Uid>,
        publicity_until -> Nullable<Timestamp>,
        predecessor_lot_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    thresholds (id) {
        id -> Uid,
        tenant_id -> Uid,
        year -> Integer,
        level -> Text,
        version -> BigInt,
        open_tender_fen -> BigInt,
        statutory_fen -> BigInt,
        selection_from_fen -> BigInt,
        quotes_from_fen -> BigInt,
        minutes_from_fen -> BigInt,
        confidence -> Text,
        source -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    unit_parents (unit_id) {
        unit_id -> Uid,
        tenant_id -> Uid,
        parent_id -> Uid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    unit_posts (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        account_id -> Uid,
        title -> Text,
        acting -> Bool,
        held_from -> Date,
        held_to -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        made_by -> Uid,
        ended_by -> Nullable<Uid>,
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

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    visit_registrations (visit_id, organisation_id) {
        visit_id -> Uid,
        organisation_id -> Uid,
        tenant_id -> Uid,
        persons -> Integer,
        registered_by -> Uid,
        registered_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    year_end_items (year_end_id, position) {
        year_end_id -> Uid,
        position -> Integer,
        kind -> Text,
        fund_id -> Uid,
        hold_id -> Nullable<Uid>,
        to_fund_id -> Nullable<Uid>,
        amount_fen -> BigInt,
        new_hold_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::sql::*;

    year_ends (id) {
        id -> Uid,
        tenant_id -> Uid,
        unit_id -> Uid,
        year -> Integer,
        document_number -> Text,
        state -> Text,
        previewed_by -> Uid,
        executed_by -> Nullable<Uid>,
        confirmed_by -> Nullable<Uid>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::joinable!(acceptance_prices -> milestones (milestone_id));
diesel::joinable!(acceptance_prices -> tenants (tenant_id));
diesel::joinable!(acceptance_prices -> contracts (contract_id));
diesel::joinable!(acceptance_signatures -> tenants (tenant_id));
diesel::joinable!(acceptance_signatures -> milestones (milestone_id));
diesel::joinable!(acceptance_signatures -> accounts (account_id));
diesel::joinable!(acceptance_terms -> contracts (contract_id));
diesel::joinable!(acceptance_terms -> tenants (tenant_id));
diesel::joinable!(acceptance_terms -> accounts (made_by));
diesel::joinable!(acceptances -> milestones (milestone_id));
diesel::joinable!(acceptances -> tenants (tenant_id));
diesel::joinable!(acceptances -> contracts (contract_id));
diesel::joinable!(acceptances -> accounts (concluded_by));
diesel::joinable!(account_confirmations -> tenants (tenant_id));
diesel::joinable!(account_confirmations -> organisations (organisation_id));
diesel::joinable!(account_roles -> accounts (account_id));
diesel::joinable!(accounts -> tenants (tenant_id));
diesel::joinable!(accounts -> units (unit_id));
diesel::joinable!(accounts -> organisations (organisation_id));
diesel::joinable!(api_tokens -> accounts (account_id));
diesel::joinable!(appropriations -> tenants (tenant_id));
diesel::joinable!(appropriations -> funds (fund_id));
diesel::joinable!(appropriations -> accounts (created_by));
diesel::joinable!(areas -> tenants (tenant_id));
diesel::joinable!(audit_notice_units -> audit_notices (notice_id));
diesel::joinable!(audit_notice_units -> units (unit_id));
diesel::joinable!(audit_notices -> tenants (tenant_id));
diesel::joinable!(audit_notices -> accounts (auditor_id));
diesel::joinable!(awards -> tenants (tenant_id));
diesel::joinable!(awards -> tenders (tender_id));
diesel::joinable!(awards -> lots (lot_id));
diesel::joinable!(awards -> units (unit_id));
diesel::joinable!(awards -> bids (bid_id));
diesel::joinable!(awards -> organisations (organisation_id));
diesel::joinable!(bank_accounts -> organisations (organisation_id));
diesel::joinable!(bid_attachments -> tenants (tenant_id));
diesel::joinable!(bid_attachments -> lots (lot_id));
diesel::joinable!(bid_attachments -> organisations (organisation_id));
diesel::joinable!(bid_attachments -> bids (bid_id));
diesel::joinable!(bid_attachments -> accounts (uploaded_by));
diesel::joinable!(bid_drafts -> tenants (tenant_id));
diesel::joinable!(bid_drafts -> lots (lot_id));
diesel::joinable!(bid_drafts -> organisations (organisation_id));
diesel::joinable!(bid_drafts -> accounts (updated_by));
diesel::joinable!(bid_marks -> tenants (tenant_id));
diesel::joinable!(bid_marks -> lots (lot_id));
diesel::joinable!(bid_members -> bids (bid_id));
diesel::joinable!(bid_members -> organisations (organisation_id));
diesel::joinable!(bid_reveals -> bids (bid_id));
diesel::joinable!(bid_reveals -> tenders (tender_id));
diesel::joinable!(bid_reveals -> accounts (revealed_by));
diesel::joinable!(bid_receipts -> bids (bid_id));
diesel::joinable!(bid_signatures -> bids (bid_id));
diesel::joinable!(bid_signatures -> signing_keys (signing_key_id));
diesel::joinable!(bid_statements -> bids (bid_id));
diesel::joinable!(bids -> tenants (tenant_id));
diesel::joinable!(bids -> tenders (tender_id));
diesel::joinable!(bids -> lots (lot_id));
diesel::joinable!(bids -> organisations (organisation_id));
diesel::joinable!(bids -> accounts (submitted_by));
diesel::joinable!(bond_entries -> bonds (bond_id));
diesel::joinable!(bond_entries -> tenants (tenant_id));
diesel::joinable!(bond_entries -> accounts (entered_by));
diesel::joinable!(bonds -> tenants (tenant_id));
diesel::joinable!(bonds -> units (unit_id));
diesel::joinable!(bonds -> tenders (tender_id));
diesel::joinable!(bonds -> lots (lot_id));
diesel::joinable!(bonds -> contracts (contract_id));
diesel::joinable!(bonds -> organisations (organisation_id));
diesel::joinable!(bonds -> accounts (lodged_by));
diesel::joinable!(budget_subjects -> tenants (tenant_id));
diesel::joinable!(calendar_days -> tenants (tenant_id));
diesel::joinable!(catalogue_editions -> tenants (tenant_id));
diesel::joinable!(catalogue_items -> tenants (tenant_id));
diesel::joinable!(catalogue_items -> catalogue_editions (edition_id));
diesel::joinable!(ceremony_members -> opener_ceremonies (ceremony_id));
diesel::joinable!(ceremony_members -> opener_keys (key_id));
diesel::joinable!(ceremony_members -> accounts (account_id));
diesel::joinable!(ceremony_members -> units (unit_id));
diesel::joinable!(ceremony_shares -> opener_ceremonies (ceremony_id));
diesel::joinable!(challenge_points -> challenges (challenge_id));
diesel::joinable!(challenges -> tenants (tenant_id));
diesel::joinable!(challenges -> tenders (tender_id));
diesel::joinable!(challenges -> lots (lot_id));
diesel::joinable!(challenges -> units (unit_id));
diesel::joinable!(challenges -> organisations (organisation_id));
diesel::joinable!(challenges -> awards (award_id));
diesel::joinable!(closings -> tenders (tender_id));
diesel::joinable!(closings -> tenants (tenant_id));
diesel::joinable!(closings -> opener_ceremonies (ceremony_id));
diesel::joinable!(complaint_points -> complaints (complaint_id));
diesel::joinable!(complaints -> tenants (tenant_id));
diesel::joinable!(complaints -> challenges (challenge_id));
diesel::joinable!(complaints -> lots (lot_id));
diesel::joinable!(complaints -> units (unit_id));
diesel::joinable!(complaints -> organisations (organisation_id));
diesel::joinable!(consortium_members -> tenants (tenant_id));
diesel::joinable!(consortium_members -> lots (lot_id));
diesel::joinable!(contract_filings -> tenants (tenant_id));
diesel::joinable!(contract_filings -> contracts (contract_id));
diesel::joinable!(contract_filings -> accounts (made_by));
diesel::joinable!(contract_seals -> contracts (contract_id));
diesel::joinable!(contract_seals -> tenants (tenant_id));
diesel::joinable!(contracts -> tenants (tenant_id));
diesel::joinable!(contracts -> awards (award_id));
diesel::joinable!(contracts -> units (unit_id));
diesel::joinable!(contracts -> organisations (organisation_id));
diesel::joinable!(contracts -> funds (fund_id));
diesel::joinable!(contracts -> projects (project_id));
diesel::joinable!(criteria -> lots (lot_id));
diesel::joinable!(declarations -> tenants (tenant_id));
diesel::joinable!(declarations -> organisations (organisation_id));
diesel::joinable!(declarations -> accounts (declared_by));
diesel::joinable!(delegations -> tenants (tenant_id));
diesel::joinable!(delegations -> units (unit_id));
diesel::joinable!(document_receipts -> tenders (tender_id));
diesel::joinable!(document_receipts -> organisations (organisation_id));
diesel::joinable!(document_receipts -> tenants (tenant_id));
diesel::joinable!(document_receipts -> accounts (obtained_by));
diesel::joinable!(documents -> tenants (tenant_id));
diesel::joinable!(documents -> accounts (uploaded_by));
diesel::joinable!(draw_contributions -> draws (draw_id));
diesel::joinable!(draw_contributions -> units (unit_id));
diesel::joinable!(draw_contributions -> accounts (account_id));
diesel::joinable!(draw_pool -> draws (draw_id));
diesel::joinable!(draws -> tenants (tenant_id));
diesel::joinable!(draws -> lots (lot_id));
diesel::joinable!(draws -> units (unit_id));
diesel::joinable!(draws -> accounts (opened_by));
diesel::joinable!(duty_exceptions -> tenants (tenant_id));
diesel::joinable!(duty_exceptions -> units (unit_id));
diesel::joinable!(evaluations -> lots (lot_id));
diesel::joinable!(evidence_facts -> documents (document_id));
diesel::joinable!(evidence_facts -> outcome_reports (report_id));
diesel::joinable!(evidence_facts -> indicators (indicator_id));
diesel::joinable!(expert_fields -> experts (expert_id));
diesel::joinable!(expert_ties -> experts (expert_id));
diesel::joinable!(experts -> tenants (tenant_id));
diesel::joinable!(external_lots -> lots (lot_id));
diesel::joinable!(external_lots -> external_tenders (external_tender_id));
diesel::joinable!(external_lots -> organisations (organisation_id));
diesel::joinable!(external_tenders -> tenants (tenant_id));
diesel::joinable!(external_tenders -> units (unit_id));
diesel::joinable!(external_tenders -> tenders (tender_id));
diesel::joinable!(forbidden_patterns -> tenants (tenant_id));
diesel::joinable!(framework_orders -> tenants (tenant_id));
diesel::joinable!(framework_orders -> frameworks (framework_id));
diesel::joinable!(framework_orders -> tenders (tender_id));
diesel::joinable!(framework_orders -> units (unit_id));
diesel::joinable!(framework_orders -> organisations (organisation_id));
diesel::joinable!(framework_orders -> accounts (ordered_by));
diesel::joinable!(framework_suppliers -> frameworks (framework_id));
diesel::joinable!(framework_suppliers -> organisations (organisation_id));
diesel::joinable!(framework_tenders -> tenders (tender_id));
diesel::joinable!(framework_tenders -> frameworks (framework_id));
diesel::joinable!(frameworks -> tenants (tenant_id));
diesel::joinable!(frameworks -> units (unit_id));
diesel::joinable!(frameworks -> catalogue_items (catalogue_item_id));
diesel::joinable!(frameworks -> tenders (source_tender_id));
diesel::joinable!(fund_balances -> funds (fund_id));
diesel::joinable!(fund_terms -> funds (fund_id));
diesel::joinable!(funding_lines -> funds (fund_id));
diesel::joinable!(funds -> tenants (tenant_id));
diesel::joinable!(funds -> units (unit_id));
diesel::joinable!(funds -> accounts (created_by));
diesel::joinable!(growth_entries -> tenants (tenant_id));
diesel::joinable!(growth_entries -> social_workers (worker_id));
diesel::joinable!(growth_entries -> accounts (made_by));
diesel::joinable!(holds -> tenants (tenant_id));
diesel::joinable!(holds -> funds (fund_id));
diesel::joinable!(idempotency_keys -> tenants (tenant_id));
diesel::joinable!(incubations -> tenants (tenant_id));
diesel::joinable!(incubations -> organisations (organisation_id));
diesel::joinable!(incubations -> units (base_unit_id));
diesel::joinable!(indicator_versions -> indicators (indicator_id));
diesel::joinable!(indicator_versions -> tenants (tenant_id));
diesel::joinable!(indicator_versions -> accounts (replaced_by));
diesel::joinable!(indicators -> tenants (tenant_id));
diesel::joinable!(indicators -> projects (project_id));
diesel::joinable!(invitations -> tenders (tender_id));
diesel::joinable!(invitations -> organisations (organisation_id));
diesel::joinable!(journal_entries -> tenants (tenant_id));
diesel::joinable!(lint_overrulings -> tenants (tenant_id));
diesel::joinable!(lint_overrulings -> tenders (tender_id));
diesel::joinable!(lint_overrulings -> accounts (overruled_by));
diesel::joinable!(lot_reviews -> lots (lot_id));
diesel::joinable!(lot_reviews -> tenants (tenant_id));
diesel::joinable!(lot_terms -> lots (lot_id));
diesel::joinable!(lot_terms -> tenants (tenant_id));
diesel::joinable!(lot_terms -> tenders (tender_id));
diesel::joinable!(lot_terms -> accounts (written_by));
diesel::joinable!(lots -> tenants (tenant_id));
diesel::joinable!(lots -> tenders (tender_id));
diesel::joinable!(low_price_notices -> tenants (tenant_id));
diesel::joinable!(low_price_notices -> tenders (tender_id));
diesel::joinable!(low_price_notices -> lots (lot_id));
diesel::joinable!(low_price_notices -> bids (bid_id));
diesel::joinable!(low_price_notices -> organisations (organisation_id));
diesel::joinable!(mandates -> tenants (tenant_id));
diesel::joinable!(milestones -> tenants (tenant_id));
diesel::joinable!(milestones -> contracts (contract_id));
diesel::joinable!(opened_attachments -> bid_attachments (attachment_id));
diesel::joinable!(opened_attachments -> bids (bid_id));
diesel::joinable!(opened_bids -> bids (bid_id));
diesel::joinable!(opened_bids -> lots (lot_id));
diesel::joinable!(opened_bids -> organisations (organisation_id));
diesel::joinable!(opener_ceremonies -> tenants (tenant_id));
diesel::joinable!(opener_ceremonies -> tenders (tender_id));
diesel::joinable!(opener_ceremonies -> units (unit_id));
diesel::joinable!(opener_ceremonies -> accounts (named_by));
diesel::joinable!(opener_keys -> tenants (tenant_id));
diesel::joinable!(opening_contributions -> closings (tender_id));
diesel::joinable!(opening_contributions -> accounts (account_id));
diesel::joinable!(opening_reasons -> lots (lot_id));
diesel::joinable!(opening_reasons -> tenders (tender_id));
diesel::joinable!(opening_remarks -> tenants (tenant_id));
diesel::joinable!(opening_remarks -> tenders (tender_id));
diesel::joinable!(opening_remarks -> organisations (organisation_id));
diesel::joinable!(opening_remarks -> accounts (made_by));
diesel::joinable!(opening_sessions -> tenders (tender_id));
diesel::joinable!(opening_sessions -> tenants (tenant_id));
diesel::joinable!(organisation_controllers -> organisations (organisation_id));
diesel::joinable!(organisation_controllers -> tenants (tenant_id));
diesel::joinable!(organisation_profiles -> organisations (organisation_id));
diesel::joinable!(organisation_profiles -> tenants (tenant_id));
diesel::joinable!(organisation_profiles -> accounts (verified_by));
diesel::joinable!(organisation_standings -> tenants (tenant_id));
diesel::joinable!(organisation_standings -> organisations (organisation_id));
diesel::joinable!(organisations -> tenants (tenant_id));
diesel::joinable!(outbox -> tenants (tenant_id));
diesel::joinable!(outcome_reports -> tenants (tenant_id));
diesel::joinable!(outcome_reports -> projects (project_id));
diesel::joinable!(outcome_splits -> outcome_reports (report_id));
diesel::joinable!(outcome_splits -> indicators (indicator_id));
diesel::joinable!(outcome_values -> outcome_reports (report_id));
diesel::joinable!(outcome_values -> indicators (indicator_id));
diesel::joinable!(outliers -> score_sheets (sheet_id));
diesel::joinable!(panel_candidates -> lots (lot_id));
diesel::joinable!(panel_candidates -> experts (expert_id));
diesel::joinable!(panel_members -> lots (lot_id));
diesel::joinable!(panel_members -> experts (expert_id));
diesel::joinable!(password_resets -> accounts (account_id));
diesel::joinable!(payment_legs -> payments (payment_id));
diesel::joinable!(payment_legs -> funding_lines (line_id));
diesel::joinable!(payments -> tenants (tenant_id));
diesel::joinable!(payments -> contracts (contract_id));
diesel::joinable!(payments -> milestones (milestone_id));
diesel::joinable!(payments -> funds (fund_id));
diesel::joinable!(payments -> units (unit_id));
diesel::joinable!(payments -> organisations (organisation_id));
diesel::joinable!(performance_reviews -> tenants (tenant_id));
diesel::joinable!(performance_reviews -> contracts (contract_id));
diesel::joinable!(performance_reviews -> units (unit_id));
diesel::joinable!(performance_reviews -> organisations (organisation_id));
diesel::joinable!(plan_budgets -> plans (plan_id));
diesel::joinable!(plan_budgets -> funds (fund_id));
diesel::joinable!(plan_settings -> tenants (tenant_id));
diesel::joinable!(plan_tenders -> tenders (tender_id));
diesel::joinable!(plan_tenders -> plans (plan_id));
diesel::joinable!(plans -> tenants (tenant_id));
diesel::joinable!(plans -> units (unit_id));
diesel::joinable!(plans -> catalogue_items (catalogue_item_id));
diesel::joinable!(posting_legs -> postings (posting_id));
diesel::joinable!(posting_legs -> funds (fund_id));
diesel::joinable!(postings -> tenants (tenant_id));
diesel::joinable!(postings -> funds (fund_id));
diesel::joinable!(postings -> holds (hold_id));
diesel::joinable!(postings -> accounts (made_by));
diesel::joinable!(project_agreements -> projects (project_id));
diesel::joinable!(project_agreements -> organisations (payee_id));
diesel::joinable!(project_workers -> projects (project_id));
diesel::joinable!(project_workers -> social_workers (worker_id));
diesel::joinable!(projects -> tenants (tenant_id));
diesel::joinable!(projects -> units (unit_id));
diesel::joinable!(projects -> areas (area_id));
diesel::joinable!(projects -> accounts (created_by));
diesel::joinable!(questions -> tenants (tenant_id));
diesel::joinable!(questions -> tenders (tender_id));
diesel::joinable!(questions -> organisations (organisation_id));
diesel::joinable!(rankings -> lots (lot_id));
diesel::joinable!(rankings -> bids (bid_id));
diesel::joinable!(readings -> accounts (account_id));
diesel::joinable!(recovery_codes -> second_factors (factor_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(report_reopenings -> tenants (tenant_id));
diesel::joinable!(report_reopenings -> outcome_reports (report_id));
diesel::joinable!(review_findings -> tenants (tenant_id));
diesel::joinable!(review_findings -> lots (lot_id));
diesel::joinable!(review_findings -> bids (bid_id));
diesel::joinable!(review_findings -> accounts (made_by));
diesel::joinable!(rule_confirmations -> tenants (tenant_id));
diesel::joinable!(rule_confirmations -> rule_sets (rule_set_id));
diesel::joinable!(rule_confirmations -> accounts (made_by));
diesel::joinable!(rule_figures -> rule_sets (rule_set_id));
diesel::joinable!(rule_sets -> tenants (tenant_id));
diesel::joinable!(rules -> rule_sets (rule_set_id));
diesel::joinable!(score_amendments -> score_sheets (sheet_id));
diesel::joinable!(score_sheets -> tenants (tenant_id));
diesel::joinable!(score_sheets -> lots (lot_id));
diesel::joinable!(score_sheets -> accounts (evaluator_id));
diesel::joinable!(scores -> score_sheets (sheet_id));
diesel::joinable!(scores -> bids (bid_id));
diesel::joinable!(second_factors -> accounts (account_id));
diesel::joinable!(service_sessions -> tenants (tenant_id));
diesel::joinable!(service_sessions -> projects (project_id));
diesel::joinable!(service_sessions -> units (unit_id));
diesel::joinable!(service_sessions -> organisations (organisation_id));
diesel::joinable!(service_sessions -> social_workers (worker_id));
diesel::joinable!(sessions -> tenants (tenant_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(sheet_commitments -> lots (lot_id));
diesel::joinable!(sheet_commitments -> accounts (evaluator_id));
diesel::joinable!(sheet_commitments -> score_sheets (sheet_id));
diesel::joinable!(sheet_remarks -> score_sheets (sheet_id));
diesel::joinable!(signing_keys -> tenants (tenant_id));
diesel::joinable!(signing_keys -> organisations (organisation_id));
diesel::joinable!(site_visits -> tenants (tenant_id));
diesel::joinable!(site_visits -> tenders (tender_id));
diesel::joinable!(site_visits -> accounts (set_by));
diesel::joinable!(social_workers -> tenants (tenant_id));
diesel::joinable!(social_workers -> organisations (organisation_id));
diesel::joinable!(social_workers -> accounts (made_by));
diesel::joinable!(subcontracts -> tenants (tenant_id));
diesel::joinable!(subcontracts -> contracts (contract_id));
diesel::joinable!(subcontracts -> units (unit_id));
diesel::joinable!(suspensions -> tenants (tenant_id));
diesel::joinable!(suspensions -> lots (lot_id));
diesel::joinable!(suspensions -> accounts (imposed_by));
diesel::joinable!(tender_amendments -> tenants (tenant_id));
diesel::joinable!(tender_amendments -> tenders (tender_id));
diesel::joinable!(tender_terms -> tenders (tender_id));
diesel::joinable!(tender_terms -> tenants (tenant_id));
diesel::joinable!(tender_terms -> accounts (written_by));
diesel::joinable!(tenders -> tenants (tenant_id));
diesel::joinable!(tenders -> units (unit_id));
diesel::joinable!(tenders -> catalogue_items (catalogue_item_id));
diesel::joinable!(tenders -> rule_sets (rule_set_id));
diesel::joinable!(thresholds -> tenants (tenant_id));
diesel::joinable!(unit_parents -> tenants (tenant_id));
diesel::joinable!(units -> tenants (tenant_id));
diesel::joinable!(units -> areas (area_id));
diesel::joinable!(visit_registrations -> site_visits (visit_id));
diesel::joinable!(visit_registrations -> organisations (organisation_id));
diesel::joinable!(visit_registrations -> tenants (tenant_id));
diesel::joinable!(visit_registrations -> accounts (registered_by));

diesel::allow_tables_to_appear_in_same_query!(
    acceptance_prices,
    acceptance_signatures,
    acceptance_terms,
    acceptances,
    account_confirmations,
    account_invitations,
    account_recoveries,
    account_roles,
    accounts,
    api_tokens,
    appropriations,
    areas,
    audit_notice_units,
    audit_notices,
    authority_links,
    awards,
    bank_accounts,
    bid_attachments,
    bid_drafts,
    bid_marks,
    bid_members,
    bid_receipts,
    bid_reveals,
    bid_signatures,
    bid_statements,
    bids,
    bond_entries,
    bonds,
    budget_subjects,
    calendar_days,
    capability_assessments,
    catalogue_editions,
    catalogue_items,
    ceremony_members,
    ceremony_shares,
    challenge_points,
    challenges,
    closings,
    complaint_points,
    complaints,
    consortium_members,
    contract_changes,
    contract_filings,
    contract_seals,
    contracts,
    criteria,
    declarations,
    delegations,
    directory_applications,
    directory_calls,
    document_receipts,
    documents,
    draw_contributions,
    draw_pool,
    draws,
    duty_exceptions,
    evaluations,
    evidence_facts,
    expert_fields,
    expert_ties,
    experts,
    external_lots,
    external_tenders,
    forbidden_patterns,
    framework_orders,
    framework_suppliers,
    framework_tenders,
    frameworks,
    fund_balances,
    fund_limits,
    fund_terms,
    funding_lines,
    funds,
    growth_entries,
    holds,
    idempotency_keys,
    incubation_bases,
    incubations,
    indicator_versions,
    indicators,
    invitations,
    journal_checkpoints,
    journal_cosignatures,
    journal_entries,
    journal_nodes,
    journal_paddings,
    lint_overrulings,
    lot_reviews,
    lot_terms,
    lots,
    low_price_notices,
    mandates,
    matching_pledges,
    mentoring_sessions,
    milestones,
    opened_attachments,
    opened_bids,
    opener_ceremonies,
    opener_keys,
    opening_contributions,
    opening_reasons,
    opening_remarks,
    opening_sessions,
    organisation_controllers,
    organisation_profiles,
    organisation_records,
    organisation_standings,
    organisations,
    outbox,
    outcome_reports,
    outcome_splits,
    outcome_values,
    outliers,
    panel_candidates,
    panel_members,
    password_resets,
    payment_batch_lines,
    payment_batches,
    payment_desks,
    payment_events,
    payment_legs,
    payments,
    performance_reviews,
    plan_budgets,
    plan_settings,
    plan_tenders,
    plans,
    posting_legs,
    postings,
    project_agreements,
    project_workers,
    projects,
    questions,
    rankings,
    readings,
    reconciliation_differences,
    reconciliations,
    recovery_codes,
    reductions,
    refresh_tokens,
    report_reopenings,
    resourcings,
    review_findings,
    rule_confirmations,
    rule_figures,
    rule_sets,
    rules,
    score_amendments,
    score_sheets,
    scores,
    second_factors,
    service_sessions,
    sessions,
    sheet_commitments,
    sheet_remarks,
    signing_keys,
    site_visits,
    social_workers,
    stream_exclusions,
    subcontracts,
    suspensions,
    tenants,
    tender_amendments,
    tender_terms,
    tenders,
    thresholds,
    unit_parents,
    unit_posts,
    units,
    visit_registrations,
    year_end_items,
    year_ends,
);
