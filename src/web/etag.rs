//! Entity tags: made from a version, read back for `If-Match`.

/// An entity tag: version, the phase the clock gives it, and the view shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The stored version.
    pub version: i64,
    /// What the clock alone can change, such as `open` or `closed`; empty when nothing.
    pub phase: &'a str,
    /// Which view of the resource, such as `public` or `own`; empty when there is one.
    pub view: &'a str,
}

impl From<i64> for Tag<'static> {
    fn from(version: i64) -> Self {
        Self { version, phase: "", view: "" }
    }
}

impl std::fmt::Display for Tag<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}", self.version)?;
        for part in [self.phase, self.view] {
            if !part.is_empty() {
                write!(f, ".{part}")?;
            }
        }
        f.write_str("\"")
    }
}

/// The version inside an entity tag; `None` when it is not one of ours. A proxy that compresses makes a tag weak; the version is still ours.
pub fn version_of(etag: &str) -> Option<i64> {
    let etag = etag.trim();
    let inner = etag.strip_prefix("W/").unwrap_or(etag).strip_prefix('"')?.strip_suffix('"')?;
    inner.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_gives_its_version_back_whatever_phase_and_view_it_names() {
        let tag = Tag { version: 7, phase: "open", view: "public" }.to_string();
        assert_eq!(tag, "\"7.open.public\"");
        assert_eq!(version_of(&tag), Some(7));
        assert_eq!(version_of("\"12\""), Some(12));
        assert_eq!(version_of("W/\"7.open\""), Some(7));
        for foreign in ["7", "*", "\"h12ab\"", "\"\""] {
            assert_eq!(version_of(foreign), None, "{foreign}");
        }
    }
}
