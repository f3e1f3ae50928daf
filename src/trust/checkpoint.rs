//! Checkpoints: the size and root of the journal's tree as a C2SP signed note (tlog-checkpoint), signed with the journal's own Ed25519 key.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::notes::{ED25519_TYPE, NoteKey, Verifier};
use super::tree::Hash;
use crate::kernel::Result;

/// The key that signs checkpoints. Its name is the log's origin.
pub struct JournalKey(NoteKey);

/// A tree head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

impl JournalKey {
    /// Reads a PKCS #8 PEM file.
    pub fn read(path: &Path, origin: &str) -> Result<Self> {
        NoteKey::read(path, origin).map(Self)
    }

    /// A fresh key that is not kept (tests).
    pub fn ephemeral(origin: &str) -> Result<Self> {
        NoteKey::ephemeral(origin).map(Self)
    }

    /// The key itself, for what it signs beside checkpoints.
    pub const fn note_key(&self) -> &NoteKey {
        &self.0
    }

    /// The verifier key (vkey).
    pub fn verifier(&self) -> String {
        self.0.verifier()
    }

    /// The signed note of a head: these exact bytes are kept and shown.
    pub fn sign(&self, head: &Head) -> String {
        self.0.note(&format!("{}\n{}\n{}\n", self.0.name(), head.size, STANDARD.encode(head.root)))
    }
}

/// Text and signature lines of a note (C2SP signed-note). The text ends with its last newline; there is at least one line, each has the form of one, whoever
/// signed it, and no other control character than the newline is anywhere.
pub fn parts(note: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    if note.contains(|letter: char| letter.is_ascii_control() && letter != '\n') {
        return None;
    }
    let at = note.find("\n\n")?;
    let (text, signatures) = (note.get(..at.checked_add(1)?)?, note.get(at.checked_add(2)?..)?);
    let body = signatures.strip_suffix('\n')?;
    body.split('\n').all(signs).then(|| (text, body.split('\n')))
}

/// Whether a line is a signature of somebody: a name without space and plus, then a key hash and a signature in base64.
fn signs(line: &str) -> bool {
    let Some((name, signature)) = line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')) else { return false };
    let named = !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || letter == '+');
    named && STANDARD.decode(signature).is_ok_and(|bytes| bytes.len() > 4)
}

/// What the text of a checkpoint says: origin and head. Sizes have one spelling.
pub fn head_of(text: &str) -> Option<(&str, Head)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, digits, root) = (lines.next()?, lines.next()?, lines.next()?);
    let size: u64 = digits.parse().ok()?;
    let root = STANDARD.decode(root).ok()?.try_into().ok()?;
    (!origin.is_empty() && size.to_string() == digits && lines.all(|line| !line.is_empty())).then_some((origin, Head { size, root }))
}

/// The head of a note that the verifier key signed; `None` for anything else.
pub fn open(note: &str, verifier: &str) -> Option<Head> {
    let key = Verifier::parse(verifier, ED25519_TYPE)?;
    let (text, mut signatures) = parts(note)?;
    // Lines of other names and other keys, such as those of witnesses or of an older key of this name, are none of this verifier's business.
    signatures.find(|line| key.signed(line).is_some_and(|signature| key.verifies(text.as_bytes(), &signature)))?;
    let (origin, head) = head_of(text)?;
    (origin == key.name).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_opens_with_its_own_key_and_not_when_a_byte_differs() {
        let key = JournalKey::ephemeral("baiyi.example/330502").unwrap();
        let head = Head { size: 12, root: [7; 32] };
        let note = key.sign(&head);
        assert_eq!(open(&note, &key.verifier()), Some(head));
        assert_eq!(note.lines().take(2).collect::<Vec<_>>(), ["baiyi.example/330502", "12"]);
        assert_eq!(open(&note.replace("\n12\n", "\n13\n"), &key.verifier()), None);
        assert_eq!(open(&note, &JournalKey::ephemeral("baiyi.example/330502").unwrap().verifier()), None);
        assert_eq!(open("", &key.verifier()), None);
        let (text, own) = note.split_once("\n\n").unwrap();
        let (other, head) = (JournalKey::ephemeral("baiyi.example/330502").unwrap(), Head { size: 12, root: [7; 32] });
        let others = other.sign(&head).split_once("\n\n").unwrap().1.to_owned();
        assert_eq!(open(&format!("{text}\n\n{others}— witness.example AAAAAAA=\n{own}"), &key.verifier()), Some(head));
        assert_eq!(open(&format!("{text}\n\n{others}"), &key.verifier()), None);
        assert_eq!(open(&note, "x+00+AA"), None);
    }
}
