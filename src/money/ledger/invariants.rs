//! The invariants of money as queries that must return no row. Each names the tenant and the id of what offends, so that an auditor
//! can look it up; both databases run the same text.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::db::Db;
use crate::kernel::Result;
use crate::kernel::id::TenantId;

/// Most violations told per invariant: one already proves that something is wrong.
const TOLD: usize = 100;

/// A statement about all money of the database.
#[derive(Debug)]
pub struct Invariant {
    /// Stable snake_case name.
    pub name: &'static str,
    /// What holds, 中文.
    pub statement_zh: &'static str,
    /// What holds, English.
    pub statement_en: &'static str,
    /// A query of `tenant` and `subject`, both text, that must return no row.
    pub sql: &'static str,
}

/// What breaks an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// Id of the tenant.
    pub tenant: String,
    /// Id of the offending posting, fund, hold, contract, appropriation.
    pub subject: String,
}

#[derive(QueryableByName)]
struct Offence {
    #[diesel(sql_type = Text)]
    tenant: String,
    #[diesel(sql_type = Text)]
    subject: String,
}

/// The invariants of the domain document, in its order; the seventh in two parts.
pub static INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "postings_balance",
        statement_zh: "每笔记账在其资金账户内借贷平衡",
        statement_en: "Every posting has legs, all in its own fund, and they add up to zero.",
        sql: "SELECT CAST(p.tenant_id AS TEXT) AS tenant, CAST(p.id AS TEXT) AS subject FROM postings p \
              LEFT JOIN posting_legs l ON l.posting_id = p.id GROUP BY p.tenant_id, p.id \
              HAVING COUNT(l.account) < 2 OR SUM(l.amount_fen) <> 0 \
              OR SUM(CASE WHEN l.fund_id <> p.fund_id OR l.amount_fen = 0 THEN 1 ELSE 0 END) > 0",
    },
    Invariant {
        name: "no_account_overdrawn",
        statement_zh: "除预算指标外，任何账户余额不为负",
        statement_en: "No account but authority is negative, and authority is never positive, in the balances and in the sums of the legs.",
        sql: "SELECT CAST(f.tenant_id AS TEXT) AS tenant, CAST(f.id AS TEXT) AS subject FROM funds f \
              JOIN fund_balances b ON b.fund_id = f.id \
              WHERE (b.account <> 'authority' AND b.balance_fen < 0) OR (b.account = 'authority' AND b.balance_fen > 0) \
              UNION SELECT CAST(f.tenant_id AS TEXT), CAST(f.id AS TEXT) FROM funds f JOIN posting_legs l ON l.fund_id = f.id \
              GROUP BY f.tenant_id, f.id, l.account \
              HAVING (l.account <> 'authority' AND SUM(l.amount_fen) < 0) OR (l.account = 'authority' AND SUM(l.amount_fen) > 0)",
    },
    Invariant {
        name: "authority_is_accounted_for",
        statement_zh: "预算指标 = 可用 + 预留 + 承诺 + 应付 + 预付 + 已付 + 退回；指标文件与记账逐份相符；有待收调减时可用为零",
        statement_en: "Authority equals free + reserved + committed + payable + advanced + paid + returned; every appropriation document moved \
                       authority by its amount, a reduction by what was taken of it; while a reduction is pending nothing is free.",
        sql: "SELECT CAST(f.tenant_id AS TEXT) AS tenant, CAST(f.id AS TEXT) AS subject FROM funds f \
              JOIN fund_balances b ON b.fund_id = f.id GROUP BY f.tenant_id, f.id HAVING SUM(b.balance_fen) <> 0 \
              UNION SELECT CAST(a.tenant_id AS TEXT), CAST(a.id AS TEXT) FROM appropriations a \
              LEFT JOIN reductions r ON r.appropriation_id = a.id \
              LEFT JOIN authority_links k ON k.out_id = a.id \
              LEFT JOIN postings p ON p.cause_id = a.id AND p.cause_kind = 'appropriation' AND p.fund_id = a.fund_id \
              LEFT JOIN posting_legs l ON l.posting_id = p.id AND l.account = 'authority' \
              GROUP BY a.tenant_id, a.id, a.amount_fen, a.kind, r.settled_fen, r.amount_fen, k.out_id \
              HAVING COALESCE(SUM(l.amount_fen), 0) <> CASE WHEN a.kind IN ('reduction', 'recall') THEN COALESCE(r.settled_fen, -1) \
              WHEN k.out_id IS NOT NULL THEN a.amount_fen ELSE -a.amount_fen END \
              OR (a.kind IN ('reduction', 'recall') AND COALESCE(r.amount_fen, -1) <> a.amount_fen) \
              UNION SELECT CAST(r.tenant_id AS TEXT), CAST(r.appropriation_id AS TEXT) FROM reductions r \
              JOIN fund_balances b ON b.fund_id = r.fund_id AND b.account = 'free' WHERE r.settled_fen < r.amount_fen AND b.balance_fen > 0 \
              UNION SELECT CAST(p.tenant_id AS TEXT), CAST(p.id AS TEXT) FROM postings p \
              JOIN posting_legs l ON l.posting_id = p.id AND l.account = 'authority' \
              LEFT JOIN appropriations a ON a.id = p.cause_id AND a.fund_id = p.fund_id AND p.cause_kind = 'appropriation' WHERE a.id IS NULL",
    },
    Invariant {
        name: "holds_within_themselves",
        statement_zh: "预留与承诺不超过其金额，其使用、释放与记账一致，余额合计等于账户余额",
        statement_en: "No hold is used and released beyond its amount; what was used and released is what was posted; the remainders \
                       of a fund's holds add up to its reserved and committed balances.",
        sql: "SELECT CAST(h.tenant_id AS TEXT) AS tenant, CAST(h.id AS TEXT) AS subject FROM holds h \
              WHERE h.amount_fen <= 0 OR h.used_fen < 0 OR h.released_fen < 0 OR h.used_fen + h.released_fen > h.amount_fen \
              UNION SELECT CAST(h.tenant_id AS TEXT), CAST(h.id AS TEXT) FROM holds h \
              LEFT JOIN postings p ON p.hold_id = h.id AND p.kind NOT IN ('reservation', 'direct_commitment', 'carry_in') \
              LEFT JOIN posting_legs l ON l.posting_id = p.id \
              AND l.account = CASE WHEN h.kind = 'reservation' THEN 'reserved' ELSE 'committed' END \
              GROUP BY h.tenant_id, h.id, h.used_fen, h.released_fen \
              HAVING COALESCE(SUM(CASE WHEN p.kind IN ('release', 'carry_out') THEN -l.amount_fen ELSE 0 END), 0) <> h.released_fen \
              OR COALESCE(SUM(CASE WHEN p.kind NOT IN ('release', 'carry_out') THEN -l.amount_fen ELSE 0 END), 0) <> h.used_fen \
              UNION SELECT CAST(f.tenant_id AS TEXT), CAST(f.id AS TEXT) FROM funds f JOIN fund_balances b ON b.fund_id = f.id \
              WHERE b.account IN ('reserved', 'committed') AND b.balance_fen <> (\
              SELECT COALESCE(SUM(h.amount_fen - h.used_fen - h.released_fen), 0) FROM holds h \
              WHERE h.fund_id = f.id AND h.kind = CASE WHEN b.account = 'reserved' THEN 'reservation' ELSE 'commitment' END)",
    },
    Invariant {
        name: "contracts_within_commitments",
        statement_zh: "合同的承诺与经批准的未来承诺之和等于合同价减已解除的金额；每行的已付不超过已验收与未清预付之和，且不超过承诺；付款单及其分摊与账本一致",
        statement_en: "A contract's commitments and approved future commitments add up to its price less what was released of it, each line on its fund and its case; paid is at \
                       most accepted plus outstanding advance, and that at most committed; the payments of a contract and their legs add up \
                       to what the ledger paid on each line.",
        sql: "SELECT CAST(c.tenant_id AS TEXT) AS tenant, CAST(c.id AS TEXT) AS subject FROM contracts c \
              WHERE c.state IN ('finance_approved', 'active', 'suspended', 'completed') AND c.price_fen - c.released_fen <> (\
              SELECT COALESCE(SUM(n.amount_fen), 0) FROM funding_lines n WHERE n.owner_id = c.id AND n.owner_kind = 'contract' \
              AND n.tenant_id = c.tenant_id AND n.state IN ('committed', 'future')) \
              UNION SELECT CAST(n.tenant_id AS TEXT), CAST(n.id AS TEXT) FROM funding_lines n LEFT JOIN holds h ON h.id = n.hold_id \
              WHERE (n.state = 'committed' AND (h.id IS NULL OR h.kind <> 'commitment' OR h.fund_id <> n.fund_id \
              OR h.case_id <> n.case_id OR h.amount_fen - h.released_fen <> n.amount_fen)) \
              OR (n.state = 'reserved' AND (h.id IS NULL OR h.kind <> 'reservation' OR h.fund_id <> n.fund_id OR h.case_id <> n.case_id \
              OR h.amount_fen - h.released_fen - h.used_fen <> n.amount_fen)) \
              OR (n.state IN ('planned', 'future') AND n.hold_id IS NOT NULL) \
              UNION SELECT MIN(CAST(n.tenant_id AS TEXT)), MIN(CAST(n.id AS TEXT)) FROM funding_lines n \
              WHERE n.state IN ('reserved', 'committed') GROUP BY n.hold_id HAVING COUNT(*) > 1 \
              UNION SELECT CAST(h.tenant_id AS TEXT), CAST(h.id AS TEXT) FROM holds h JOIN postings p ON p.hold_id = h.id \
              JOIN posting_legs l ON l.posting_id = p.id AND l.account IN ('payable', 'advanced', 'paid') \
              GROUP BY h.tenant_id, h.id, h.kind, h.used_fen HAVING SUM(l.amount_fen) > h.used_fen OR h.kind <> 'commitment' \
              OR SUM(CASE WHEN l.account = 'payable' THEN l.amount_fen ELSE 0 END) < 0 \
              OR SUM(CASE WHEN l.account = 'advanced' THEN l.amount_fen ELSE 0 END) < 0 \
              OR SUM(CASE WHEN l.account = 'paid' THEN l.amount_fen ELSE 0 END) < 0 \
              UNION SELECT CAST(y.tenant_id AS TEXT), CAST(y.id AS TEXT) FROM payments y LEFT JOIN payment_legs g ON g.payment_id = y.id \
              WHERE y.state IN ('approved', 'instructed', 'paid', 'bounced') \
              GROUP BY y.tenant_id, y.id, y.amount_fen HAVING COALESCE(SUM(g.amount_fen), 0) <> y.amount_fen \
              UNION SELECT CAST(c.tenant_id AS TEXT), CAST(c.id AS TEXT) FROM contracts c WHERE (\
              SELECT COALESCE(SUM(g.amount_fen - g.refunded_fen), 0) FROM payments y JOIN payment_legs g ON g.payment_id = y.id \
              WHERE y.contract_id = c.id AND y.state = 'paid') <> (\
              SELECT COALESCE(SUM(l.amount_fen), 0) FROM holds h JOIN postings p ON p.hold_id = h.id JOIN posting_legs l ON l.posting_id = p.id \
              WHERE h.cause_id = c.id AND h.cause_kind = 'contract' AND l.account IN ('paid', 'advanced')) \
              UNION SELECT CAST(n.tenant_id AS TEXT), CAST(n.id AS TEXT) FROM funding_lines n \
              JOIN payment_legs g ON g.line_id = n.id JOIN payments y ON y.id = g.payment_id AND y.state = 'paid' \
              GROUP BY n.tenant_id, n.id, n.hold_id HAVING SUM(g.amount_fen - g.refunded_fen) <> (\
              SELECT COALESCE(SUM(l.amount_fen), 0) FROM postings p JOIN posting_legs l ON l.posting_id = p.id \
              WHERE p.hold_id = n.hold_id AND l.account IN ('paid', 'advanced'))",
    },
    Invariant {
        name: "streams_keep_their_rules",
        statement_zh: "福利彩票公益金只列政府性基金科目（229 开头），其他资金不列彩票公益金科目（22960）；资金来源行与其账户的渠道、年度一致，且未用于账户限定之外的目录项和区域",
        statement_en: "Lottery money is appropriated under functional classes of 229 only, and other money never under 22960; a funding line has \
                       the stream and year of its fund, and was not reserved for a catalogue item or an area that its fund excludes.",
        sql: "SELECT CAST(a.tenant_id AS TEXT) AS tenant, CAST(a.id AS TEXT) AS subject FROM appropriations a \
              JOIN funds f ON f.id = a.fund_id \
              WHERE (f.stream = 'lottery' AND a.functional_class NOT LIKE '229%') \
              OR (f.stream <> 'lottery' AND a.functional_class LIKE '22960%') OR a.tenant_id <> f.tenant_id \
              UNION SELECT CAST(n.tenant_id AS TEXT), CAST(n.id AS TEXT) FROM funding_lines n JOIN funds f ON f.id = n.fund_id \
              WHERE n.stream <> f.stream OR n.year <> f.year OR n.tenant_id <> f.tenant_id \
              UNION SELECT CAST(n.tenant_id AS TEXT), CAST(n.id AS TEXT) FROM funding_lines n \
              WHERE n.state IN ('reserved', 'committed') AND n.purpose_code IS NOT NULL \
              AND EXISTS (SELECT 1 FROM fund_limits m WHERE m.fund_id = n.fund_id AND m.kind = 'catalogue') \
              AND NOT EXISTS (SELECT 1 FROM fund_limits m WHERE m.fund_id = n.fund_id AND m.kind = 'catalogue' \
              AND n.purpose_code LIKE m.value || '%') \
              UNION SELECT CAST(n.tenant_id AS TEXT), CAST(n.id AS TEXT) FROM funding_lines n \
              WHERE n.state IN ('reserved', 'committed') AND n.purpose_code IS NOT NULL \
              AND EXISTS (SELECT 1 FROM fund_limits m WHERE m.fund_id = n.fund_id AND m.kind = 'area') \
              AND NOT EXISTS (SELECT 1 FROM fund_limits m WHERE m.fund_id = n.fund_id AND m.kind = 'area' \
              AND CAST(n.area_id AS TEXT) = m.value)",
    },
    Invariant {
        name: "one_posting_per_cause",
        statement_zh: "同一事由在同一预留或承诺上只记一次账（分次完成的调减除外），未了结的预留不重复",
        statement_en: "A cause is posted once in one way on one hold (a reduction taken bit by bit excepted), and has one unresolved \
                       reservation per fund.",
        sql: "SELECT CAST(p.tenant_id AS TEXT) AS tenant, MIN(CAST(p.id AS TEXT)) AS subject FROM postings p WHERE p.kind <> 'reduction' \
              GROUP BY p.tenant_id, p.fund_id, p.kind, p.cause_kind, p.cause_id, p.hold_id HAVING COUNT(*) > 1 \
              UNION SELECT CAST(h.tenant_id AS TEXT), MIN(CAST(h.id AS TEXT)) FROM holds h \
              WHERE h.kind = 'reservation' AND h.used_fen + h.released_fen < h.amount_fen \
              GROUP BY h.tenant_id, h.fund_id, h.cause_kind, h.cause_id HAVING COUNT(*) > 1",
    },
    Invariant {
        name: "replay_gives_the_balances",
        statement_zh: "从记账重放得到的余额与存储的余额一致，每个资金账户的八个科目齐全",
        statement_en: "Every fund has all its accounts, and adding up the legs gives every stored balance.",
        sql: "SELECT CAST(f.tenant_id AS TEXT) AS tenant, CAST(f.id AS TEXT) AS subject FROM funds f \
              LEFT JOIN fund_balances b ON b.fund_id = f.id GROUP BY f.tenant_id, f.id HAVING COUNT(b.account) <> 8 \
              UNION SELECT CAST(f.tenant_id AS TEXT), CAST(f.id AS TEXT) FROM funds f JOIN fund_balances b ON b.fund_id = f.id \
              LEFT JOIN posting_legs l ON l.fund_id = b.fund_id AND l.account = b.account \
              GROUP BY f.tenant_id, f.id, b.account, b.balance_fen HAVING COALESCE(SUM(l.amount_fen), 0) <> b.balance_fen \
              UNION SELECT CAST(f.tenant_id AS TEXT), CAST(f.id AS TEXT) FROM funds f JOIN posting_legs l ON l.fund_id = f.id \
              LEFT JOIN fund_balances b ON b.fund_id = l.fund_id AND b.account = l.account WHERE b.account IS NULL",
    },
];

/// Runs every invariant over the whole database.
pub fn check_invariants(db: &mut Db) -> Result<Vec<Violation>> {
    let mut found = Vec::new();
    for invariant in INVARIANTS {
        found.extend(offences(db, invariant, None)?);
    }
    Ok(found)
}

/// Runs one invariant over the money of one tenant.
pub fn check_of(db: &mut Db, invariant: &'static Invariant, tenant: TenantId) -> Result<Vec<Violation>> {
    offences(db, invariant, Some(tenant))
}

fn offences(db: &mut Db, invariant: &'static Invariant, tenant: Option<TenantId>) -> Result<Vec<Violation>> {
    let wanted = tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
    let sql = format!("SELECT tenant, subject FROM ({}) v WHERE $1 IN ('', tenant) ORDER BY tenant, subject LIMIT {TOLD}", invariant.sql);
    let rows: Vec<Offence> = diesel::sql_query(sql).bind::<Text, _>(wanted).load(db)?;
    Ok(rows.into_iter().map(|row| Violation { invariant: invariant.name, tenant: row.tenant, subject: row.subject }).collect())
}
