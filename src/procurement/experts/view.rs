//! Experts as the API shows and takes them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{ExpertChange, ExpertFile, ExpertState, NewExpert, NewTie, TieRow};
use crate::kernel::id::{AccountId, ExpertId, ExpertTieId, OrganisationId, UnitId};
use crate::kernel::{CatalogueCode, UtcInstant};
use crate::law::facts::TieKind;

/// An expert.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExpertView {
    /// Id.
    pub id: ExpertId,
    /// The person's name.
    #[schema(example = "陆评审")]
    pub name: String,
    /// The account with which it scores; who has none cannot be drawn.
    pub account_id: Option<AccountId>,
    /// Fields: catalogue codes, each with all below it.
    #[schema(max_items = 20)]
    pub fields: Vec<CatalogueCode>,
    /// Employers, seats, kinship and interests, as declared.
    #[schema(max_items = 100)]
    pub ties: Vec<TieView>,
    /// Whether it can be drawn.
    pub state: ExpertState,
    /// Why it is in this state.
    #[schema(example = "年度考核未通过")]
    pub state_reason: Option<String>,
    /// Version, also in the ETag.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was taken in.
    pub created_at: UtcInstant,
}

/// A declared tie.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TieView {
    /// Id.
    pub id: ExpertTieId,
    /// What ties them.
    pub kind: TieKind,
    /// The organisation, when it is registered here.
    pub organisation_id: Option<OrganisationId>,
    /// The public body.
    pub unit_id: Option<UnitId>,
    /// Unified social credit code.
    #[schema(example = "52330502MJ9000022F")]
    pub uscc: Option<String>,
    /// Name of the other side.
    #[schema(example = "吴兴区邻里互助协会")]
    pub name: String,
    /// First day; null when unknown.
    pub from_on: Option<NaiveDate>,
    /// Last day; null while it lasts.
    pub until_on: Option<NaiveDate>,
    /// Who declared it.
    pub declared_by: AccountId,
    /// When.
    pub declared_at: UtcInstant,
}

impl From<TieRow> for TieView {
    fn from(row: TieRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            organisation_id: row.organisation_id,
            unit_id: row.unit_id,
            uscc: row.uscc,
            name: row.name,
            from_on: row.from_on,
            until_on: row.until_on,
            declared_by: row.declared_by,
            declared_at: row.declared_at,
        }
    }
}

impl From<ExpertFile> for ExpertView {
    fn from(file: ExpertFile) -> Self {
        let row = file.expert;
        Self {
            id: row.id,
            name: row.name,
            account_id: row.account_id,
            fields: file.fields,
            ties: file.ties.into_iter().map(TieView::from).collect(),
            state: row.state,
            state_reason: row.state_reason,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// A tie to declare.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareTie {
    /// What ties them.
    pub kind: TieKind,
    /// The organisation, when it is registered here.
    #[serde(default)]
    pub organisation_id: Option<OrganisationId>,
    /// The public body; not together with an organisation.
    #[serde(default)]
    pub unit_id: Option<UnitId>,
    /// Unified social credit code, when it is known.
    #[serde(default)]
    #[schema(min_length = 18, max_length = 18, example = "51330502MJ9000014P")]
    pub uscc: Option<String>,
    /// Name of the other side.
    #[schema(min_length = 1, max_length = 100, example = "吴兴区邻里互助协会")]
    pub name: String,
    /// First day.
    #[serde(default)]
    pub from_on: Option<NaiveDate>,
    /// Last day; absent while it lasts.
    #[serde(default)]
    pub until_on: Option<NaiveDate>,
}

impl DeclareTie {
    /// The command.
    pub fn command(&self) -> NewTie {
        NewTie {
            kind: self.kind,
            organisation: self.organisation_id,
            unit: self.unit_id,
            uscc: self.uscc.clone(),
            name: self.name.clone(),
            from: self.from_on,
            until: self.until_on,
        }
    }
}

/// A new expert.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateExpert {
    /// The person's name.
    #[schema(min_length = 1, max_length = 64, example = "陆评审")]
    pub name: String,
    /// An account with the role evaluator.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Fields: catalogue codes, each with all below it.
    #[schema(min_items = 1, max_items = 20)]
    pub fields: Vec<CatalogueCode>,
    /// Employers with their dates, seats, kinship, interests.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub ties: Vec<DeclareTie>,
}

impl CreateExpert {
    /// The command.
    pub fn command(&self) -> NewExpert {
        NewExpert {
            name: self.name.clone(),
            account: self.account_id,
            fields: self.fields.clone(),
            ties: self.ties.iter().map(DeclareTie::command).collect(),
        }
    }
}

/// A change of an expert; what is absent stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeExpert {
    /// The person's name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "陆评审")]
    pub name: Option<String>,
    /// An account with the role evaluator.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// Fields, all anew.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 20)]
    pub fields: Option<Vec<CatalogueCode>>,
}

impl ChangeExpert {
    /// The command.
    pub fn command(&self) -> ExpertChange {
        ExpertChange { name: self.name.clone(), account: self.account_id, fields: self.fields.clone() }
    }
}
