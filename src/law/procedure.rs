//! Procedures and gates: what a rule binds and at which step it decides.

crate::text_enum! {
    /// How the supplier is found (采购程序).
    pub enum Procedure {
        /// 公开招标.
        OpenTender = "open_tender",
        /// 邀请招标.
        InvitedTender = "invited_tender",
        /// 竞争性磋商.
        Consultation = "consultation",
        /// 竞争性谈判.
        Negotiation = "negotiation",
        /// 单一来源.
        SingleSource = "single_source",
        /// 框架协议.
        Framework = "framework",
        /// 比选, below the statutory thresholds.
        Selection = "selection",
        /// 三家比价, below the statutory thresholds.
        Quotes = "quotes",
        /// 直接委托, below the statutory thresholds.
        Direct = "direct",
        /// Run on the statutory platform and only imported.
        External = "external",
    }
}

impl Procedure {
    /// Whether 政府采购法 names it. An imported procedure is statutory under the name it was run by.
    pub const fn is_statutory(self) -> bool {
        matches!(
            self,
            Self::OpenTender | Self::InvitedTender | Self::Consultation | Self::Negotiation | Self::SingleSource | Self::Framework
        )
    }
}

crate::text_enum! {
    /// The step at which a rule decides.
    pub enum Gate {
        /// A purchase is planned.
        Plan = "plan",
        /// The documents go to review.
        Submission = "submission",
        /// The notice goes out, or the invitations do.
        Publication = "publication",
        /// The documents are changed or clarified.
        Amendment = "amendment",
        /// An organisation takes part.
        Bid = "bid",
        /// Bids are opened.
        Opening = "opening",
        /// Qualification and responsiveness are judged.
        Review = "review",
        /// The panel is formed.
        Panel = "panel",
        /// Bids are scored and ranked.
        Evaluation = "evaluation",
        /// The supplier is decided on.
        Award = "award",
        /// The result is published.
        Result = "result",
        /// The contract is signed, published and filed.
        Contract = "contract",
        /// The contract is performed, accepted or amended.
        Performance = "performance",
        /// An enquiry or a challenge.
        Challenge = "challenge",
        /// A complaint to the supervisor.
        Complaint = "complaint",
        /// Money of a stream is reserved or committed.
        Fund = "fund",
        /// Money is paid.
        Payment = "payment",
        /// The standing of an organisation or a social worker.
        Standing = "standing",
        /// The yearly account of the district.
        Yearly = "yearly",
        /// Records, counting and disclosure.
        Record = "record",
    }
}
