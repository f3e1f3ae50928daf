//! Decisions on payments: what an invoice number, a bank reference and a reason must look like. Pure.

use crate::kernel::error::Fields;
use crate::kernel::{Fen, Result, Uscc};
use crate::words;

/// Shortest and longest invoice number: paper invoices have 8 digits, fully digital ones 20, receipts of other kinds a few letters.
pub const INVOICE_LENGTH: std::ops::RangeInclusive<usize> = 6..=32;
/// Lengths of an invoice's code (发票代码).
pub const CODE_LENGTHS: &[usize] = &[10, 12];
/// Length of the number of an invoice that has a code.
pub const CODED_NUMBER_LENGTH: usize = 8;
/// Shortest and longest bank reference.
pub const REFERENCE_LENGTH: std::ops::RangeInclusive<usize> = 4..=64;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// An invoice number as it is stored and compared: letters, digits and hyphens, upper case.
pub fn invoice_number(text: &str) -> Result<String> {
    reference(text, "/invoice_number", &INVOICE_LENGTH)
}

/// An invoice as it is named: a paper invoice by its code (发票代码) and number, a fully digital one by its twenty digits alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invoice<'a> {
    /// Its code, where it has one.
    pub code: Option<&'a str>,
    /// Its number.
    pub number: &'a str,
}

impl<'a> Invoice<'a> {
    /// An invoice without a code.
    pub const fn digital(number: &'a str) -> Self {
        Self { code: None, number }
    }

    /// Code and number as they are stored and compared; the code is empty where there is none.
    pub fn read(self) -> Result<(String, String)> {
        let number = invoice_number(self.number)?;
        let code = self.code.unwrap_or_default().trim().to_owned();
        let mut fields = Fields::default();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        fields.require(code.is_empty() || (digits && CODE_LENGTHS.contains(&code.len())), "/invoice_code", || {
            words!("须为 10 或 12 位数字", "must have 10 or 12 digits")
        });
        fields.require(code.is_empty() || number.len() == CODED_NUMBER_LENGTH, "/invoice_code", || {
            words!("只有 8 位号码的发票有发票代码", "only an invoice whose number has 8 digits has a code")
        });
        fields.finish().map(|()| (code, number))
    }
}

/// What a finance officer reads on the invoice itself, not on the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenInvoice {
    /// Its code; empty where it has none.
    pub code: String,
    /// Its number.
    pub number: String,
    /// Credit code of the seller (销售方).
    pub seller: Uscc,
    /// Its total with tax.
    pub amount: Fen,
}

/// Holds the invoice against the claim and its payee; every difference is named.
pub fn compare_invoice(seen: &SeenInvoice, claimed: (&str, &str, Fen), payee: &Uscc) -> Result<()> {
    let (code, number) = Invoice { code: Some(&seen.code), number: &seen.number }.read()?;
    let mut fields = Fields::default();
    fields.require(code == claimed.0, "/invoice_code", || words!("与付款申请不一致", "not the one of the claim"));
    fields.require(number == claimed.1, "/invoice_number", || words!("与付款申请不一致", "not the one of the claim"));
    fields.require(seen.seller == *payee, "/seller_uscc", || words!("销售方不是收款单位", "the seller is not the payee"));
    fields.require(seen.amount == claimed.2, "/amount", || words!("与付款申请的金额不一致", "not the amount of the claim"));
    fields.finish()
}

/// A bank reference as it is stored.
pub fn bank_reference(text: &str) -> Result<String> {
    reference(text, "/bank_reference", &REFERENCE_LENGTH)
}

fn reference(text: &str, pointer: &str, length: &std::ops::RangeInclusive<usize>) -> Result<String> {
    let number = text.trim().to_ascii_uppercase();
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut fields = Fields::default();
    fields.require(plain && length.contains(&number.len()), pointer, || {
        let (min, max) = (length.start(), length.end());
        words!("须为 {min} 到 {max} 个字母、数字或连字符", "must have {min} to {max} letters, digits or hyphens")
    });
    fields.finish().map(|()| number)
}

/// A donation receipt's number as it is stored.
pub fn donation_receipt(text: &str) -> Result<String> {
    reference(text, "/donation_receipt", &REFERENCE_LENGTH)
}

/// Checks the reason of a return.
pub fn check_reason(reason: &str) -> Result<()> {
    let mut fields = Fields::default();
    fields.text(reason, "/reason", 1, REASON_MAX);
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_invoice_is_the_same_text_however_it_is_typed() {
        assert_eq!(invoice_number(" a12-345678 ").unwrap(), "A12-345678");
        assert_eq!(invoice_number("26332000000012345678").unwrap(), "26332000000012345678");
        for bad in ["", "12345", "1234 5678", "发票12345678", &"1".repeat(33)] {
            assert!(invoice_number(bad).is_err(), "{bad}");
        }
        assert!(bank_reference("1234").is_ok() && bank_reference("123").is_err());
    }

    #[test]
    fn only_an_invoice_of_eight_digits_has_a_code() {
        let read = |code, number| Invoice { code, number }.read();
        assert_eq!(read(Some(" 033002100111 "), "12345678").unwrap(), ("033002100111".to_owned(), "12345678".to_owned()));
        assert_eq!(read(None, "26332000000012345678").unwrap().0, "");
        for (code, number) in [("12345678901", "12345678"), ("03300210011A", "12345678"), ("033002100111", "26332000000012345678")] {
            assert!(read(Some(code), number).is_err(), "{code} {number}");
        }
    }

    proptest! {
        #[test]
        fn a_stored_number_reads_as_itself(text in "\\PC{0,40}") {
            if let Ok(number) = invoice_number(&text) {
                prop_assert_eq!(invoice_number(&number).unwrap(), number.clone());
                prop_assert_eq!(invoice_number(&number.to_ascii_lowercase()).unwrap(), number);
            }
        }
    }
}
