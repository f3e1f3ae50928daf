//! How papers say amounts, days and words: 人民币大写, 中文 dates, and the 中文 of the API's words.

use super::words;
use crate::kernel::{Fen, UtcInstant};
use crate::outcomes::projects::IndicatorKind;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];

fn digit(number: u64) -> char {
    usize::try_from(number).ok().and_then(|place| DIGITS.get(place)).copied().unwrap_or('?')
}

/// A group of four digits; a run of zeros inside is said once.
fn group(number: u64) -> String {
    let mut said = String::new();
    let mut zero = false;
    for place in (0..4_u32).rev() {
        let value = number.checked_div(10_u64.pow(place)).unwrap_or(0).rem_euclid(10);
        if value == 0 {
            zero = !said.is_empty();
            continue;
        }
        if std::mem::take(&mut zero) {
            said.push('零');
        }
        said.push(digit(value));
        said.push_str(usize::try_from(place).ok().and_then(|place| PLACES.get(place)).unwrap_or(&""));
    }
    said
}

/// Hundredths with two decimals: basis points as a percentage without its sign, and points of a score.
fn hundredths(number: i64) -> String {
    let (whole, rest) = (number.unsigned_abs().div_euclid(100), number.unsigned_abs().rem_euclid(100));
    format!("{}{whole}.{rest:02}", if number < 0 { "-" } else { "" })
}

/// A score kept in hundredths of a point.
pub fn points(number: i64) -> String {
    hundredths(number)
}

/// Basis points as a percentage, without needless zeros.
pub fn percent(basis_points: i64) -> String {
    format!("{}%", hundredths(basis_points).trim_end_matches('0').trim_end_matches('.'))
}

/// A number of an indicator of this kind: a ratio, kept in basis points, as a percentage, any other as it is.
pub fn figure(number: i64, kind: &str) -> String {
    if kind == IndicatorKind::Ratio.as_str() { percent(number) } else { number.to_string() }
}

/// An amount in the characters of cheques and contracts (票据法 and the rules on bank vouchers: 正确填写票据和结算凭证的基本规定).
pub fn capital(amount: Fen) -> String {
    let total = amount.get().unsigned_abs();
    let (yuan, jiao, fen) = (total.div_euclid(100), total.div_euclid(10).rem_euclid(10), total.rem_euclid(10));
    let mut said = String::new();
    let mut gap = false;
    for place in (0..4_u32).rev() {
        let part = yuan.checked_div(10_000_u64.pow(place)).unwrap_or(0).rem_euclid(10_000);
        if part == 0 {
            gap = !said.is_empty();
            continue;
        }
        if !said.is_empty() && (gap || part < 1_000) {
            said.push('零');
        }
        gap = false;
        said.push_str(&group(part));
        said.push_str(usize::try_from(place).ok().and_then(|place| GROUPS.get(place)).unwrap_or(&""));
    }
    if !said.is_empty() {
        said.push('元');
    }
    match (jiao, fen) {
        (0, 0) if said.is_empty() => said.push_str("零元整"),
        (0, 0) => said.push('整'),
        (0, fen) => {
            if !said.is_empty() {
                said.push('零');
            }
            said.push(digit(fen));
            said.push('分');
        }
        (jiao, 0) => said.extend([digit(jiao), '角', '整']),
        (jiao, fen) => said.extend([digit(jiao), '角', digit(fen), '分']),
    }
    if amount < Fen::ZERO { format!("负{said}") } else { said }
}

/// Yuan with two decimals and thousands apart.
pub fn yuan(amount: Fen) -> String {
    let plain = amount.to_string();
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("-", rest));
    let mut said = String::new();
    for (place, figure) in whole.chars().enumerate() {
        if place > 0 && whole.len().saturating_sub(place).rem_euclid(3) == 0 {
            said.push(',');
        }
        said.push(figure);
    }
    format!("{sign}{said}.{cents}")
}

/// A day, or the day of an instant in Shanghai, as 2026年3月2日; anything else as it is.
pub fn day(text: &str) -> String {
    let date = text.parse().ok().or_else(|| UtcInstant::parse(text).ok().map(UtcInstant::date_in_shanghai));
    date.map_or_else(|| text.to_owned(), |date: chrono::NaiveDate| date.format("%Y年%-m月%-d日").to_string())
}

/// An instant to the second in Shanghai, as 2026年3月13日 09:00:10; anything else as it is.
pub fn moment(text: &str) -> String {
    let Ok(instant) = UtcInstant::parse(text) else { return text.to_owned() };
    let local = instant.plus_seconds(SHANGHAI_SECONDS).to_string();
    format!("{} {}", day(text), local.get(11..19).unwrap_or_default())
}

/// Seconds by which Shanghai is ahead of UTC.
const SHANGHAI_SECONDS: i64 = 8 * 3600;

/// The 中文 of a word of the API, or of an event such as `payment.invoice_checked`; what is not known stays as it is.
pub fn word(text: &str) -> String {
    let plain = |text: &str| words::of(text).map(str::to_owned);
    let event = || {
        let (noun, verb) = text.split_once('.')?;
        Some(format!("{}：{}", words::noun(noun)?, words::verb(verb)?))
    };
    plain(text).or_else(event).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_scores_are_said_as_people_say_them() {
        for (number, share, score) in [
            (500, "5%", "5.00"),
            (1_250, "12.5%", "12.50"),
            (10_000, "100%", "100.00"),
            (9_207, "92.07%", "92.07"),
            (0, "0%", "0.00"),
            (7, "0.07%", "0.07"),
        ] {
            assert_eq!((percent(number).as_str(), points(number).as_str()), (share, score));
        }
    }

    #[test]
    fn only_a_ratio_is_a_percentage() {
        assert_eq!(figure(9_300, "ratio"), "93%");
        assert_eq!([figure(9_300, "count"), figure(9_300, "score"), figure(-3, "count")], ["9300", "9300", "-3"]);
    }

    #[test]
    fn instants_are_said_as_in_shanghai() {
        assert_eq!(moment("2026-03-12T17:00:10Z"), "2026年3月13日 01:00:10");
        assert_eq!(moment("2026-03-12T01:00:10.25Z"), "2026年3月12日 09:00:10");
        assert_eq!(moment("soon"), "soon");
    }

    #[test]
    fn amounts_are_said_as_on_a_cheque() {
        for (fen, said) in [
            (0, "零元整"),
            (1, "壹分"),
            (10, "壹角整"),
            (105, "壹元零伍分"),
            (1_000, "壹拾元整"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (100_000_000, "壹佰万元整"),
            (100_000_001, "壹佰万元零壹分"),
            (1_000_000_100, "壹仟万零壹元整"),
            (10_000_000_000, "壹亿元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (17_654_321, "壹拾柒万陆仟伍佰肆拾叁元贰角壹分"),
            (-500, "负伍元整"),
        ] {
            assert_eq!(capital(Fen::new(fen)), said, "{fen}");
        }
    }

    #[test]
    fn figures_stand_in_threes_and_days_in_words() {
        assert_eq!((yuan(Fen::new(12_345_678_901)).as_str(), yuan(Fen::new(-99_999)).as_str()), ("123,456,789.01", "-999.99"));
        assert_eq!(day("2026-03-02"), "2026年3月2日");
        assert_eq!(day("2026-03-02T16:00:00Z"), "2026年3月3日", "the day in Shanghai");
        assert_eq!((word("lottery").as_str(), word("neverheard").as_str()), ("福利彩票公益金", "neverheard"));
        assert_eq!(word("payment.invoice_checked"), "付款：发票已核");
        assert_eq!(word("ledger.posted"), "资金账：已记账");
        assert_eq!(word("payment.neverheard"), "payment.neverheard");
    }
}
