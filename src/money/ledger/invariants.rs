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
        statement_zh: "预算指标 = 可用 + 预留 + 承诺 + 应付 + 预付 + 已付 + 退回；每份指标文件恰有一笔等额记账",
        statement_en: "Authority equals free + reserved + committed + payable + advanced + paid + returned, and every appropriation \
                       document has one posting of its amount.",
        sql: "SELECT CAST(f.tenant_id AS TEXT) AS tenant, CAST(f.id AS TEXT) AS subject FROM funds f \
              JOIN fund_balances b ON b.fund_id = f.id GROUP BY f.tenant_id, f.id HAVING SUM(b.balance_fen) <> 0 \
              UNION SELECT CAST(a.tenant_id AS TEXT), CAST(a.id AS TEXT) FROM appropriations a \
              LEFT JOIN postings p ON p.cause_id = a.id AND p.cause_kind = 'appropriation' AND p.fund_id = a.fund_id \
              LEFT JOIN posting_legs l ON l.posting_id = p.id AND l.account = 'free' \
              GROUP BY a.tenant_id, a.id, a.amount_fen HAVING COUNT(p.id) <> 1 OR COALESCE(SUM(l.amount_fen), 0) <> a.amount_fen",
    },
    Invariant {
        name: "holds_within_themselves",
        statement_zh: "预留与承诺不超过其金额，其使用、释放与记账一致，余额合计等于账户余额",
        statement_en: "No hold is used and released beyond its amount; what was used and released is what was posted; the remainders \
                       of a fund's holds add up to its reserved and committed balances.",
        sql: "SELECT CAST(h.tenant_id AS TEXT) AS tenant, CAST(h.id AS TEXT) AS subject FROM holds h \
              WHERE h.amount_fen <= 0 OR h.used_fen < 0 OR h.released_fen < 0 OR h.used_fen + h.released_fen > h.amount_fen \
              UNION SELECT CAST(h.tenant_id AS TEXT), CAST(h.id AS TEXT) FROM holds h \
              LEFT JOIN postings p ON p.hold_id = h.id AND p.kind IN ('commitment', 'acceptance', 'release') \
              LEFT JOIN posting_legs l ON l.posting_id = p.id \
              AND l.account = CASE WHEN h.kind = 'reservation' THEN 'reserved' ELSE 'committed' END \
              GROUP BY h.tenant_id, h.id, h.used_fen, h.released_fen \
              HAVING COALESCE(SUM(CASE WHEN p.kind = 'release' THEN -l.amount_fen ELSE 0 END), 0) <> h.released_fen \
              OR COALESCE(SUM(CASE WHEN p.kind <> 'release' THEN -l.amount_fen ELSE 0 END), 0) <> h.used_fen \
              UNION SELECT CAST(f.tenant_id AS TEXT), CAST(f.id AS TEXT) FROM funds f JOIN fund_balances b ON b.fund_id = f.id \
              WHERE b.account IN ('reserved', 'committed') AND b.balance_fen <> (\
              SELECT COALESCE(SUM(h.amount_fen - h.used_fen - h.released_fen), 0) FROM holds h \
              WHERE h.fund_id = f.id AND h.kind = CASE WHEN b.account = 'reserved' THEN 'reservation' ELSE 'commitment' END)",
    },
    Invariant {
        name: "contracts_within_commitments",
        statement_zh: "合同的承诺金额等于合同价；已付不超过已验收，已验收不超过承诺；已付的付款单与账本一致",
        statement_en: "A contract's commitment is of its price, on its fund and its case; paid is at most accepted, accepted at most \
                       committed; the contract's paid payments add up to what the ledger paid on the commitment.",
        sql: "SELECT CAST(c.tenant_id AS TEXT) AS tenant, CAST(c.id AS TEXT) AS subject FROM contracts c \
              JOIN holds h ON h.id = c.commitment_id \
              WHERE h.kind <> 'commitment' OR h.amount_fen <> c.price_fen OR h.fund_id <> c.fund_id OR h.case_id <> c.case_id \
              OR h.used_fen > h.amount_fen \
              UNION SELECT CAST(c.tenant_id AS TEXT), CAST(c.id AS TEXT) FROM contracts c \
              WHERE c.commitment_id IS NULL AND c.state IN ('active', 'suspended', 'completed') \
              UNION SELECT CAST(h.tenant_id AS TEXT), CAST(h.id AS TEXT) FROM holds h JOIN postings p ON p.hold_id = h.id \
              JOIN posting_legs l ON l.posting_id = p.id AND l.account = 'paid' \
              GROUP BY h.tenant_id, h.id, h.kind, h.used_fen HAVING SUM(l.amount_fen) > h.used_fen OR h.kind <> 'commitment' \
              UNION SELECT CAST(c.tenant_id AS TEXT), CAST(c.id AS TEXT) FROM contracts c \
              WHERE (SELECT COALESCE(SUM(y.amount_fen), 0) FROM payments y WHERE y.contract_id = c.id AND y.state = 'paid') <> \
              (SELECT COALESCE(SUM(l.amount_fen), 0) FROM postings p JOIN posting_legs l ON l.posting_id = p.id \
              WHERE p.hold_id = c.commitment_id AND l.account = 'paid')",
    },
    Invariant {
        name: "streams_keep_their_rules",
        statement_zh: "福利彩票公益金只列政府性基金科目（229 开头），其他资金不列彩票公益金科目（22960）",
        statement_en: "Lottery money is appropriated under functional classes of 229 only, and other money never under 22960.",
        sql: "SELECT CAST(a.tenant_id AS TEXT) AS tenant, CAST(a.id AS TEXT) AS subject FROM appropriations a \
              JOIN funds f ON f.id = a.fund_id \
              WHERE (f.stream = 'lottery' AND a.functional_class NOT LIKE '229%') \
              OR (f.stream <> 'lottery' AND a.functional_class LIKE '22960%') OR a.tenant_id <> f.tenant_id",
    },
    Invariant {
        name: "one_posting_per_cause",
        statement_zh: "同一事由在同一预留或承诺上只记一次账，未了结的预留不重复",
        statement_en: "A cause is posted once in one way on one hold, and has one unresolved reservation per fund.",
        sql: "SELECT CAST(p.tenant_id AS TEXT) AS tenant, MIN(CAST(p.id AS TEXT)) AS subject FROM postings p \
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
