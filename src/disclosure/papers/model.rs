//! Which papers there are.

crate::text_enum! {
    /// A paper.
    pub enum Paper {
        /// 采购需求.
        Requirement = "requirement",
        /// 会议纪要.
        Minutes = "minutes",
        /// 开标记录.
        OpeningRecord = "opening_record",
        /// 评审报告.
        EvaluationReport = "evaluation_report",
        /// 中标（成交）通知书: which of the two, the procedure says.
        AwardNotice = "award_notice",
        /// 合同.
        Contract = "contract",
        /// 绩效目标表.
        Objectives = "objectives",
        /// 验收书.
        Acceptance = "acceptance",
        /// 资金拨付申请.
        PaymentApplication = "payment_application",
        /// 项目台账.
        ProjectLedger = "project_ledger",
        /// 结项报告.
        CompletionReport = "completion_report",
        /// 案卷: the whole case, printable.
        CaseFile = "case_file",
    }
}

impl Paper {
    /// The template that comes with the program.
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Requirement => include_str!("../../../data/templates/requirement.md"),
            Self::Minutes => include_str!("../../../data/templates/minutes.md"),
            Self::OpeningRecord => include_str!("../../../data/templates/opening_record.md"),
            Self::EvaluationReport => include_str!("../../../data/templates/evaluation_report.md"),
            Self::AwardNotice => include_str!("../../../data/templates/award_notice.md"),
            Self::Contract => include_str!("../../../data/templates/contract.md"),
            Self::Objectives => include_str!("../../../data/templates/objectives.md"),
            Self::Acceptance => include_str!("../../../data/templates/acceptance.md"),
            Self::PaymentApplication => include_str!("../../../data/templates/payment_application.md"),
            Self::ProjectLedger => include_str!("../../../data/templates/project_ledger.md"),
            Self::CompletionReport => include_str!("../../../data/templates/completion_report.md"),
            Self::CaseFile => include_str!("../../../data/templates/case_file.md"),
        }
    }

    /// 中文 name.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Requirement => "采购需求",
            Self::Minutes => "会议纪要",
            Self::OpeningRecord => "开标记录",
            Self::EvaluationReport => "评审报告",
            Self::AwardNotice => "中标（成交）通知书",
            Self::Contract => "合同",
            Self::Objectives => "绩效目标表",
            Self::Acceptance => "验收书",
            Self::PaymentApplication => "资金拨付申请",
            Self::ProjectLedger => "项目台账",
            Self::CompletionReport => "结项报告",
            Self::CaseFile => "案卷",
        }
    }
}
