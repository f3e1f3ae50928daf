//! Errors: a public refusal in two languages that names its problem, or an internal fault whose words stay inside.

use std::borrow::Cow;

/// Text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// 中文.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

/// Formats the same facts in Chinese and in English.
#[macro_export]
macro_rules! words {
    ($zh:literal, $en:literal $(,)?) => {
        $crate::kernel::Words { zh: format!($zh).into(), en: format!($en).into() }
    };
    ($zh:literal, $en:literal, $($argument:expr),+ $(,)?) => {
        $crate::kernel::Words { zh: format!($zh, $($argument),+).into(), en: format!($en, $($argument),+).into() }
    };
}

/// A kind of refusal: the row behind a page under `/problems/{code}`.
#[derive(Debug)]
pub struct Problem {
    /// Stable snake_case code.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Title, 中文.
    pub title_zh: &'static str,
    /// Title, English.
    pub title_en: &'static str,
    /// What happened and what to do, 中文.
    pub about_zh: &'static str,
    /// What happened and what to do, English.
    pub about_en: &'static str,
}

impl Problem {
    /// A refusal of this kind without further detail.
    pub fn error(&'static self) -> Error {
        Error::Refused(Box::new(Refusal { problem: self, detail: None, fields: Vec::new(), rule: None, retry_after: None }))
    }

    /// A refusal of this kind that says what was found.
    pub fn because(&'static self, detail: Words) -> Error {
        Error::Refused(Box::new(Refusal { problem: self, detail: Some(detail), fields: Vec::new(), rule: None, retry_after: None }))
    }
}

/// The statutory rule that a refusal rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// Rule id in the rule set, such as `R019`.
    pub rule: String,
    /// Statute and article.
    pub legal_basis: String,
}

/// One bad field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: Words,
}

/// A public refusal.
#[derive(Debug)]
pub struct Refusal {
    /// Its kind.
    pub problem: &'static Problem,
    /// What was found in this case.
    pub detail: Option<Words>,
    /// Bad fields, when it is about the input.
    pub fields: Vec<FieldError>,
    /// Statutory rule, when one was broken.
    pub rule: Option<RuleRef>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
}

/// Everything that can go wrong in a use case.
#[derive(Debug)]
pub enum Error {
    /// A refusal that the caller is told.
    Refused(Box<Refusal>),
    /// A fault that the caller is not told; the text goes to the log.
    Internal(String),
    /// The database asked for the transaction to be run again (serialization failure, deadlock).
    Retry(String),
    /// A unique key was taken by somebody else.
    Collision(String),
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An internal fault with words for the log.
    pub fn internal(words: impl Into<String>) -> Self {
        Self::Internal(words.into())
    }

    /// One bad field of the input.
    pub fn field(pointer: impl Into<String>, detail: Words) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), detail }])
    }

    /// Several bad fields of the input.
    pub fn fields(fields: Vec<FieldError>) -> Self {
        Self::Refused(Box::new(Refusal { problem: &INVALID, detail: None, fields, rule: None, retry_after: None }))
    }

    /// Adds the statutory rule that the refusal rests on.
    #[must_use]
    pub fn under(self, rule: RuleRef) -> Self {
        match self {
            Self::Refused(mut refusal) => {
                refusal.rule = Some(rule);
                Self::Refused(refusal)
            }
            other => other,
        }
    }

    /// The same with every bad field's pointer rewritten: what a lower storey calls by its own name stands elsewhere in the caller's body.
    #[must_use]
    pub fn pointing(self, rewrite: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Refused(mut refusal) => {
                for field in &mut refusal.fields {
                    field.pointer = rewrite(&field.pointer);
                }
                Self::Refused(refusal)
            }
            other => other,
        }
    }

    /// Adds how many seconds to wait.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        match self {
            Self::Refused(mut refusal) => {
                refusal.retry_after = Some(seconds);
                Self::Refused(refusal)
            }
            other => other,
        }
    }

    /// The problem code of a refusal; `internal` or `retry` otherwise.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.problem.code,
            Self::Internal(_) => "internal",
            Self::Retry(_) => "retry",
            Self::Collision(_) => "conflict",
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => {
                f.write_str(refusal.problem.title_en)?;
                if let Some(detail) = &refusal.detail {
                    write!(f, ": {}", detail.en)?;
                }
                refusal.fields.iter().try_for_each(|field| write!(f, "; {}: {}", field.pointer, field.detail.en))
            }
            Self::Internal(words) => write!(f, "internal fault: {words}"),
            Self::Retry(words) => write!(f, "transaction to be run again: {words}"),
            Self::Collision(words) => write!(f, "unique key taken: {words}"),
        }
    }
}

impl std::error::Error for Error {}

/// Collects bad fields so that a caller sees all of them at once.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Notes a bad field when `holds` is false.
    pub fn require(&mut self, holds: bool, pointer: &str, detail: impl FnOnce() -> Words) {
        if !holds {
            self.0.push(FieldError { pointer: pointer.to_owned(), detail: detail() });
        }
    }

    /// A text whose trimmed length must lie in `min..=max` characters.
    pub fn text(&mut self, value: &str, pointer: &str, min: usize, max: usize) {
        let length = value.trim().chars().count();
        let control = value.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        self.require((min..=max).contains(&length), pointer, || {
            crate::words!("长度须为 {min} 到 {max} 个字符", "must have {min} to {max} characters")
        });
        self.require(!control, pointer, || crate::words!("不得含控制字符", "must not contain control characters"));
    }

    /// Ends the collection: an error when anything was noted.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }
}

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident = $code:literal, $status:literal, $tzh:literal, $ten:literal, $azh:literal, $aen:literal;)+) => {
        $($(#[$meta])* pub static $name: $crate::kernel::Problem = $crate::kernel::Problem {
            code: $code, status: $status, title_zh: $tzh, title_en: $ten, about_zh: $azh, about_en: $aen,
        };)+
        /// The problems declared here.
        pub static PROBLEMS: &[&$crate::kernel::Problem] = &[$(&$name),+];
    };
}
pub(crate) use problems;

problems! {
    /// Unparsable input.
    MALFORMED = "malformed", 400, "请求无法解析", "The request cannot be parsed",
        "请求体不是合法的 JSON，或请求头格式有误。请对照接口文档修正后重试。",
        "The body is not valid JSON or a header has the wrong form. Compare it with the API document.";
    /// No valid token.
    UNAUTHENTICATED = "unauthenticated", 401, "需要登录", "Sign in first",
        "请求没有带有效的访问令牌，或会话已被撤销。请重新登录。",
        "The request carries no valid access token, or its session was revoked. Sign in again.";
    /// Known but not allowed.
    FORBIDDEN = "forbidden", 403, "没有权限", "Not allowed",
        "该账户的角色不允许此操作，或因职责分离被排除。",
        "The account's roles do not allow this action, or separation of duties bars it.";
    /// Not there, or not visible.
    NOT_FOUND = "not_found", 404, "未找到", "Not found",
        "资源不存在，或您无权查看。",
        "The resource does not exist, or you may not see it.";
    /// Wrong method.
    METHOD_NOT_ALLOWED = "method_not_allowed", 405, "不支持该方法", "Method not allowed",
        "该地址不支持此 HTTP 方法，请查看接口文档。",
        "This address does not support the HTTP method; see the API document.";
    /// Already there.
    CONFLICT = "conflict", 409, "与现有数据冲突", "In conflict with what is stored",
        "同样的记录已存在。请先读取现状。",
        "The same record exists already. Read the present state first.";
    /// The machine of states forbids it.
    WRONG_STATE = "wrong_state", 409, "当前状态不允许", "Not in this state",
        "该资源当前的状态不允许此操作，领域文档中的状态图给出合法的步骤。",
        "The resource's present state does not allow this step; the state diagrams in the domain document give the legal ones.";
    /// If-Match does not match.
    STALE = "stale", 412, "数据已被他人修改", "Changed by somebody else meanwhile",
        "If-Match 中的版本不是最新版本。请重新读取后再改。",
        "The version in If-Match is not the present one. Read again, then change.";
    /// Body too large.
    TOO_LARGE = "too_large", 413, "请求过大", "Too large",
        "请求体超过接口文档规定的上限。",
        "The body is larger than the API document allows.";
    /// Wrong media type.
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", 415, "不支持的媒体类型", "Media type not supported",
        "请按接口文档设置 Content-Type。",
        "Set the Content-Type that the API document names.";
    /// Bad fields.
    INVALID = "invalid", 422, "输入有误", "Invalid input",
        "一个或多个字段不合要求，errors 中逐一说明。",
        "One or more fields do not meet the requirements; errors lists each.";
    /// No If-Match.
    PRECONDITION_REQUIRED = "precondition_required", 428, "缺少 If-Match", "If-Match is missing",
        "修改须带 If-Match，其值为最近一次读取得到的 ETag。",
        "A change needs If-Match with the ETag of your last read.";
    /// Too many requests.
    RATE_LIMITED = "rate_limited", 429, "请求过于频繁", "Too many requests",
        "请按 Retry-After 给出的秒数等待。",
        "Wait for the seconds in Retry-After.";
    /// Our fault.
    INTERNAL = "internal", 500, "服务器内部错误", "Internal fault",
        "服务器出错，操作未生效。请附上 request_id 联系管理员。",
        "The server failed and nothing took effect. Tell the operator the request_id.";
    /// Not now.
    UNAVAILABLE = "unavailable", 503, "暂时不可用", "Unavailable for now",
        "服务暂时不可用，请稍后重试；带 Idempotency-Key 的重试是安全的。",
        "The service is unavailable for now; a retry with the same Idempotency-Key is safe.";
}
