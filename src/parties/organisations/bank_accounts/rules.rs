//! What a bank account must be, pure.

use crate::kernel::Result;
use crate::kernel::error::Fields;
use crate::words;

/// Shortest number of an account, in digits.
const NUMBER_MIN: usize = 8;
/// Longest number of an account, in digits.
const NUMBER_MAX: usize = 30;

/// The digits of a number as a person types it; spaces and hyphens do not count.
pub fn digits(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Checks an account against the organisation: public money goes to the payee itself, so the holder is its registered name.
pub fn check(organisation: &str, holder: &str, bank: &str, number: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.require(holder.trim() == organisation, "/holder", || {
        words!("户名须与组织登记名称“{organisation}”一致", "must be the registered name of the organisation, {organisation}")
    });
    fields.text(bank, "/bank", 2, 100);
    let number = digits(number);
    let fits = (NUMBER_MIN..=NUMBER_MAX).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    fields.require(fits, "/number", || words!("须为 {NUMBER_MIN} 到 {NUMBER_MAX} 位数字", "must have {NUMBER_MIN} to {NUMBER_MAX} digits"));
    fields.finish()
}

/// The number with all but its last four digits hidden.
pub fn masked(number: &str) -> String {
    let shown = number.len().saturating_sub(4);
    number.chars().enumerate().map(|(place, digit)| if place < shown { '*' } else { digit }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_the_organisation_and_the_number_is_digits() {
        let name = "吴兴区邻里互助协会";
        assert!(check(name, name, "湖州银行月河支行", "8100 0012-3456").is_ok());
        for (holder, bank, number) in [
            ("吴兴区邻里互助协会会长", "湖州银行月河支行", "81000012"),
            (name, "湖", "81000012"),
            (name, "湖州银行月河支行", "8100001"),
            (name, "湖州银行月河支行", "8100001２"),
            (name, "湖州银行月河支行", "1234567890123456789012345678901"),
        ] {
            assert!(check(name, holder, bank, number).is_err(), "{holder} {bank} {number}");
        }
        assert_eq!(masked("810000123456"), "********3456");
        assert_eq!(masked("345"), "345");
    }
}
