//! Decisions on funds and appropriations. Pure.

use super::model::{AppropriationKind, Listed, NewAppropriation, NewFund, Stream, Terms};
use super::purpose::LimitKind;
use crate::kernel::error::{Fields, problems};
use crate::kernel::{Fen, Result, RuleRef};
use crate::words;

problems! {
    /// The unit has such a fund.
    FUND_EXISTS = "fund_exists", 409, "资金账户已存在", "The fund exists already",
        "同一单位、渠道和年度内资金账户名称唯一。",
        "A fund's name is unique within unit, stream and year.";
    /// The document was entered before.
    DOCUMENT_NUMBER_TAKEN = "document_number_taken", 409, "指标文号已录入", "The document number was entered before",
        "同一资金账户内每个指标文号只录入一次。",
        "Each appropriation document is entered once per fund.";
    /// The fund's own restrictions forbid it.
    FUND_RESTRICTED = "fund_restricted", 422, "超出资金的限定用途", "Not what this fund is for",
        "资金账户限定了年度、目录项、区域或不得列支的经济分类。请改用其他资金。",
        "A fund may be restricted to its year, to catalogue items and areas, and may exclude economic classes. Use another fund.";
    /// More than the fund has.
    REDUCTION_TOO_LARGE = "reduction_too_large", 422, "调减超过指标", "More than the fund's authority",
        "调减、收回合计不得超过该资金账户的预算指标。",
        "Reductions and recalls together may not exceed what the fund was given.";
    /// A stream's rule was broken.
    STREAM_RULE_BROKEN = "stream_rule_broken", 422, "违反资金渠道的规定", "Against the rules of the funding stream",
        "福利彩票公益金须列政府性基金预算科目（229 开头）；其他资金不得列彩票公益金科目（22960 开头）。",
        "Lottery money must be under a functional class of the government funds (229); other money never under the lottery classes (22960).";
}

/// Longest fund name and document number, in characters.
pub const TEXT_MAX: usize = 64;
/// First year that a fund may be of.
pub const YEAR_MIN: i32 = 2020;
/// Last year that a fund may be of.
pub const YEAR_MAX: i32 = 2099;
/// Functional classes of the government funds (政府性基金, 其他支出) begin so.
const GOVERNMENT_FUND_CLASS: &str = "229";
/// Functional classes of the lottery's public-welfare money begin so.
const LOTTERY_CLASS: &str = "22960";

/// 彩票管理条例, article 33, read in the text: the money is kept for welfare purposes and runs through the government funds.
pub fn lottery_rule() -> RuleRef {
    RuleRef { rule: "R082".to_owned(), legal_basis: "彩票管理条例 第33条".to_owned() }
}

/// Checks a new fund.
pub fn check_new(new: &NewFund) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.name_zh, "/name_zh", 1, TEXT_MAX);
    fields.require((YEAR_MIN..=YEAR_MAX).contains(&new.year), "/year", || {
        words!("须为 {YEAR_MIN} 到 {YEAR_MAX}", "must lie between {YEAR_MIN} and {YEAR_MAX}")
    });
    fields.finish()
}

/// Checks an appropriation to a fund of `stream`; what the list of budget subjects says of both classes is told.
pub fn check_appropriation(stream: Stream, new: &NewAppropriation, functional: Listed, economic: Listed) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(&new.document_number, "/document_number", 1, TEXT_MAX);
    fields.require(new.amount > Fen::ZERO, "/amount", || words!("金额须大于零", "the amount must be more than zero"));
    for (code, listed, pointer) in
        [(&new.functional_class, functional, "/functional_class"), (&new.economic_class, economic, "/economic_class")]
    {
        let digits = (3..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        fields.require(digits, pointer, || words!("须为 3 到 7 位数字", "must have 3 to 7 digits"));
        fields.require(!digits || listed != Listed::No, pointer, || {
            words!("预算科目表中没有该类科目 {code}", "the budget subjects have no {code} of this kind")
        });
    }
    for (text, pointer) in [(&new.project_code, "/project_code"), (&new.nature, "/nature")] {
        if let Some(text) = text {
            fields.text(text, pointer, 1, TEXT_MAX);
        }
    }
    fields
        .require(new.kind != AppropriationKind::CarryOver, "/kind", || words!("结转由年终结转办理", "a carry-over is made by a year end"));
    let transfer = new.kind == AppropriationKind::Transfer;
    fields.require(transfer == new.to.is_some(), "/to_fund_id", || {
        words!("调剂须写明调入账户，其他指标不写", "a transfer, and nothing else, names the fund it goes to")
    });
    fields.finish()?;
    check_stream(stream, &new.functional_class)
}

/// Most restrictions of one kind.
pub const LIMITS_MAX: usize = 20;

/// Checks the terms of a fund.
pub fn check_terms(terms: &Terms) -> Result<()> {
    let mut fields = Fields::default();
    if let Some(purpose) = &terms.purpose {
        fields.text(purpose, "/purpose", 1, 500);
    }
    fields.require(terms.monthly_ceiling.is_none_or(|ceiling| ceiling > Fen::ZERO), "/monthly_ceiling", || {
        words!("须大于零", "must be more than zero")
    });
    for (kind, pointer) in [
        (LimitKind::Catalogue, "/catalogue_prefixes"),
        (LimitKind::Area, "/area_ids"),
        (LimitKind::Economic, "/forbidden_economic_classes"),
    ] {
        let of: Vec<&str> = terms.limits.iter().filter(|limit| limit.kind == kind).map(|limit| limit.value.as_str()).collect();
        let good = of.iter().all(|value| (1..=36).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        fields.require(of.len() <= LIMITS_MAX && good, pointer, || {
            words!("至多 {LIMITS_MAX} 个，每个 1 到 36 位字母或数字", "at most {LIMITS_MAX}, each of 1 to 36 letters and digits")
        });
    }
    fields.finish()
}

/// A reduction may not exceed the authority that is not yet to be reduced.
pub fn check_reduction(authority: Fen, pending: Fen, amount: Fen) -> Result<()> {
    let most = authority.minus(pending)?;
    if amount > most {
        return Err(
            REDUCTION_TOO_LARGE.because(words!("至多 {most} 元，所列 {amount} 元", "at most {most} yuan, asked for are {amount} yuan"))
        );
    }
    Ok(())
}

fn check_stream(stream: Stream, class: &str) -> Result<()> {
    let refused = |found| Err(STREAM_RULE_BROKEN.because(found).under(lottery_rule()));
    match stream {
        Stream::Lottery if !class.starts_with(GOVERNMENT_FUND_CLASS) => {
            refused(words!("彩票公益金列了 {class}", "lottery money under {class}"))
        }
        Stream::Fiscal | Stream::SpecialFund | Stream::Social if class.starts_with(LOTTERY_CLASS) => {
            refused(words!("{stream} 资金列了彩票公益金科目 {class}", "{stream} money under the lottery class {class}"))
        }
        Stream::Fiscal | Stream::Lottery | Stream::SpecialFund | Stream::Social => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::funds::model::Custodian;

    fn new(functional_class: &str) -> NewAppropriation {
        NewAppropriation {
            kind: AppropriationKind::Initial,
            document_number: "吴财预〔2026〕1号".into(),
            amount: Fen::new(1),
            functional_class: functional_class.into(),
            economic_class: "30227".into(),
            project_code: None,
            nature: None,
            to: None,
        }
    }

    #[test]
    fn a_reduction_takes_at_most_what_the_fund_was_given() {
        assert!(check_reduction(Fen::new(100), Fen::new(40), Fen::new(60)).is_ok());
        assert_eq!(check_reduction(Fen::new(100), Fen::new(40), Fen::new(61)).unwrap_err().code(), "reduction_too_large");
    }

    #[test]
    fn streams_never_mix_in_the_budget_classes() {
        for &stream in Stream::ALL {
            for (class, lottery_may, others_may) in [
                ("2296002", true, false),
                ("22960", true, false),
                ("2290808", true, true),
                ("2080208", false, true),
                ("2129960", false, true),
            ] {
                let legal = if stream == Stream::Lottery { lottery_may } else { others_may };
                let checked = check_appropriation(stream, &new(class), Listed::Yes, Listed::NoList);
                assert_eq!(checked.is_ok(), legal, "{stream} under {class}");
                if let Err(crate::kernel::Error::Refused(refusal)) = checked {
                    assert_eq!((refusal.problem.code, refusal.rule), ("stream_rule_broken", Some(lottery_rule())));
                }
            }
        }
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let bad = NewAppropriation { amount: Fen::ZERO, document_number: " ".into(), functional_class: "20".into(), ..new("") };
        let text = check_appropriation(Stream::Fiscal, &bad, Listed::NoList, Listed::No).unwrap_err().to_string();
        for pointer in ["/document_number", "/amount", "/functional_class", "/economic_class"] {
            assert!(text.contains(pointer), "{pointer} in {text}");
        }
        let fund = NewFund { stream: Stream::Fiscal, year: 1999, name_zh: "x".repeat(65), custodian: Custodian::Treasury };
        let text = check_new(&fund).unwrap_err().to_string();
        assert!(text.contains("/year") && text.contains("/name_zh"), "{text}");
    }
}
