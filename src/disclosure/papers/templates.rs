//! Templates of papers: those of the program, and those that a unit or the district puts in a folder in their place.

use std::path::PathBuf;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error as TemplateError, ErrorKind, State, UndefinedBehavior, Value};

use super::model::Paper;
use super::spoken;
use crate::kernel::error::problems;
use crate::kernel::id::UnitId;
use crate::kernel::{Error, Fen, Result};
use crate::words;

problems! {
    /// A template cannot be used.
    TEMPLATE_BROKEN = "template_broken", 409, "文书模板有误", "The template is broken",
        "请按提示的文件和行号修改模板，或移走自定义模板以恢复内置模板。",
        "Mend the template at the file and line named, or take it away so that the program's own is used again.";
}

/// Steps that a template may take; the longest of the program's own takes a few thousand on a large case.
const FUEL: u64 = 2_000_000;
/// Largest template file.
const FILE_BYTES: u64 = 256 * 1024;

/// Where templates come from.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    folder: Option<Arc<PathBuf>>,
}

impl Templates {
    /// Templates of this folder come before the program's own: `<folder>/<unit id>/<paper>.md`, then `<folder>/<paper>.md`.
    pub fn in_folder(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(Arc::new) }
    }

    /// The template of a paper for a unit, with the name that its errors carry. Blocks on the file system.
    pub fn source(&self, paper: Paper, unit: UnitId) -> Result<(String, String)> {
        for place in [format!("{unit}/{paper}.md"), format!("{paper}.md")] {
            let Some(path) = self.folder.as_ref().map(|folder| folder.join(&place)) else { continue };
            match std::fs::metadata(&path) {
                Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => continue,
                Ok(found) if found.len() > FILE_BYTES => {
                    return Err(TEMPLATE_BROKEN.because(words!("{place}：超过 {FILE_BYTES} 字节", "{place}: more than {FILE_BYTES} bytes")));
                }
                Ok(_) => {}
                Err(fault) => return Err(unreadable(&place, &fault)),
            }
            return std::fs::read_to_string(&path).map(|text| (place.clone(), text)).map_err(|fault| unreadable(&place, &fault));
        }
        Ok((format!("{paper}.md"), paper.built_in().to_owned()))
    }
}

fn unreadable(place: &str, fault: &std::io::Error) -> Error {
    TEMPLATE_BROKEN.because(words!("{place}：无法读取（{fault}）", "{place}: cannot be read ({fault})"))
}

/// Fills a template in. What a value says stands for itself: no character of it is markup. A name that the case does not have is an error, so
/// that no paper silently lacks a figure.
pub fn fill(name: &str, source: &str, context: &serde_json::Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|fault| Error::internal(format!("the syntax of templates: {fault}")))?);
    environment.set_formatter(plainly);
    environment.add_filter("yuan", |value: Value| money(&value).map(spoken::yuan));
    environment.add_filter("capital", |value: Value| money(&value).map(spoken::capital));
    environment.add_filter("fen", |fen: i64| spoken::yuan(Fen::new(fen)));
    environment.add_filter("percent", spoken::percent);
    environment.add_filter("points", spoken::points);
    environment.add_filter("figure", |number: i64, kind: String| spoken::figure(number, &kind));
    environment.add_filter("day", |text: String| spoken::day(&text));
    environment.add_filter("moment", |text: String| spoken::moment(&text));
    environment.add_filter("zh", |text: String| spoken::word(&text));
    let told = |fault: &TemplateError| {
        let (line, kind) = (fault.line().unwrap_or(0), fault.kind());
        let detail = fault.detail().unwrap_or_default();
        TEMPLATE_BROKEN.because(words!("{name} 第 {line} 行：{kind} {detail}", "{name} line {line}: {kind} {detail}"))
    };
    environment.add_template_owned(name.to_owned(), source.to_owned()).map_err(|fault| told(&fault))?;
    let template = environment.get_template(name).map_err(|fault| told(&fault))?;
    template.render(Serde(context)).map_err(|fault| told(&fault))
}

/// Fen from an amount of the API.
fn money(value: &Value) -> std::result::Result<Fen, TemplateError> {
    let amount = value.get_attr("amount_fen")?;
    let whole = i64::try_from(amount).map_err(|_| TemplateError::new(ErrorKind::InvalidOperation, "is no amount of money"))?;
    Ok(Fen::new(whole))
}

/// Writes a value with every punctuation mark escaped; nothing is a dash.
fn plainly(out: &mut minijinja::Output<'_>, _: &mut State<'_, '_>, value: &Value) -> std::result::Result<(), TemplateError> {
    let text = if value.is_none() { "—".to_owned() } else { value.to_string() };
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            plain.push('\\');
        }
        plain.push(if character.is_control() { ' ' } else { character });
    }
    Ok(out.write_str(&plain)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_never_markup_and_a_missing_one_is_named_with_its_line() {
        let filled = fill(
            "x.md",
            "# {{ title }}\n{{ nothing }} {{ price|yuan }} {{ price|capital }}",
            &json!({"title": "a|b **c**", "nothing": null, "price": {"amount_fen": 105}}),
        );
        assert_eq!(filled.unwrap(), "# a\\|b \\*\\*c\\*\\*\n— 1\\.05 壹元零伍分");
        let shares = json!({"number": 9_307, "kinds": ["ratio", "count"]});
        assert_eq!(fill("x.md", "{% for kind in kinds %}{{ number|figure(kind) }} {% endfor %}", &shares).unwrap(), "93\\.07\\% 9307 ");
        let fault = fill("contract.md", "第一行\n{{ case.nobody }}", &json!({"case": {}})).unwrap_err();
        assert!(fault.code() == "template_broken" && fault.to_string().contains("contract.md line 2"), "{fault}");
        assert!(fill("x.md", "{% for %}", &json!({})).unwrap_err().to_string().contains("line 1"));
        assert!(
            fill("x.md", "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}", &json!({})).is_err(),
            "out of fuel"
        );
    }

    #[test]
    fn a_folder_comes_before_the_program_and_a_unit_before_the_district() {
        let (folder, unit) = (tempfile::tempdir().unwrap(), UnitId::new(uuid::Uuid::from_u128(7)));
        let templates = Templates::in_folder(Some(folder.path().to_owned()));
        assert_eq!(templates.source(Paper::Contract, unit).unwrap().1, Paper::Contract.built_in());
        std::fs::write(folder.path().join("contract.md"), "district").unwrap();
        assert_eq!(templates.source(Paper::Contract, unit).unwrap().1, "district");
        std::fs::create_dir(folder.path().join(unit.to_string())).unwrap();
        std::fs::write(folder.path().join(format!("{unit}/contract.md")), "own").unwrap();
        assert_eq!(templates.source(Paper::Contract, unit).unwrap(), (format!("{unit}/contract.md"), "own".to_owned()));
    }
}
