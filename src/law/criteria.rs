//! Words in a criterion that the articles forbid (财政部令第87号 第17, 55条; 实施条例 第20条). A lint: people still read what it misses.

use super::facts::Forbidden;

/// Words and what they ask for. Short words come without those of a longer one that is harmless.
const WORDS: &[(&str, Forbidden)] = &[
    ("注册资本", Forbidden::RegisteredCapital),
    ("注册资金", Forbidden::RegisteredCapital),
    ("开办资金", Forbidden::RegisteredCapital),
    ("资产总额", Forbidden::Assets),
    ("总资产", Forbidden::Assets),
    ("净资产", Forbidden::Assets),
    ("营业收入", Forbidden::Revenue),
    ("年收入", Forbidden::Revenue),
    ("营业额", Forbidden::Revenue),
    ("从业人员", Forbidden::Headcount),
    ("员工人数", Forbidden::Headcount),
    ("员工总数", Forbidden::Headcount),
    ("职工人数", Forbidden::Headcount),
    ("利润", Forbidden::Profit),
    ("纳税额", Forbidden::Tax),
    ("纳税金额", Forbidden::Tax),
    ("本地注册", Forbidden::Location),
    ("区注册", Forbidden::Location),
    ("市注册", Forbidden::Location),
    ("区内注册", Forbidden::Location),
    ("市内注册", Forbidden::Location),
    ("本地企业", Forbidden::Location),
    ("本区登记", Forbidden::Location),
    ("本市登记", Forbidden::Location),
    ("本区业绩", Forbidden::LocalRecord),
    ("本市业绩", Forbidden::LocalRecord),
    ("区级奖", Forbidden::LocalRecord),
    ("市级奖", Forbidden::LocalRecord),
    ("本地业绩", Forbidden::LocalRecord),
    ("组织形式", Forbidden::OrganisationForm),
    ("所有制", Forbidden::Ownership),
    ("供应商名录", Forbidden::SupplierList),
    ("供应商库", Forbidden::SupplierList),
    ("入围名单", Forbidden::SupplierList),
    ("registered capital", Forbidden::RegisteredCapital),
    ("total assets", Forbidden::Assets),
    ("turnover", Forbidden::Revenue),
    ("number of employees", Forbidden::Headcount),
    ("headcount", Forbidden::Headcount),
    ("locally registered", Forbidden::Location),
    ("supplier list", Forbidden::SupplierList),
];

/// What a criterion's words ask for that is forbidden, each once, in the order of the articles.
pub fn forbidden_in(text: &str) -> Vec<Forbidden> {
    let text = text.to_lowercase();
    let mut found: Vec<Forbidden> = WORDS.iter().filter(|(word, _)| text.contains(word)).map(|(_, kind)| *kind).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_words_are_found_and_others_are_not() {
        assert_eq!(forbidden_in("注册资本 500 万元以上，从业人员 50 人以上"), [Forbidden::RegisteredCapital, Forbidden::Headcount]);
        assert_eq!(forbidden_in("吴兴区注册的社会组织加 5 分"), [Forbidden::Location]);
        assert_eq!(forbidden_in("获得区级奖项"), [Forbidden::LocalRecord]);
        assert_eq!(forbidden_in("服务方案、项目团队经验、应急预案"), []);
        assert_eq!(forbidden_in("Registered Capital of at least 5 million"), [Forbidden::RegisteredCapital]);
    }
}
