//! Independent code as judge: `ct-merkle` and `tlog_tiles` of our proofs, `signed_note` and `tlog_tiles` of our notes.

use std::collections::BTreeMap;

use baiyi::kernel::Error;
use baiyi::trust::checkpoint::{self, Head, JournalKey};
use baiyi::trust::journal::leaf_hash;
use baiyi::trust::tree::{self, Edge, Hash};
use baiyi::trust::witness::WitnessKey;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use signed_note::{Note, StandardVerifier, VerifierList};

fn verified_by_oracle(note: &str, verifier: &str) -> bool {
    let Ok(note) = Note::from_bytes(note.as_bytes()) else { return false };
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(verifier).unwrap())]);
    note.verify(&known).is_ok_and(|(verified, _)| verified.len() == 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::mutations::cases(64)))]

    #[test]
    fn other_implementations_find_our_roots_and_proofs_right(size in 1_u64..200, index in 0_u64..200, old in 1_u64..200) {
        let (index, old) = (index % size, 1 + old % size);
        let (mut edge, mut nodes, mut oracle) = (Edge::default(), BTreeMap::new(), MemoryBackedTree::<Sha256, Vec<u8>>::new());
        let mut leaves = Vec::new();
        let mut roots = vec![tree::empty()];
        for number in 0..size {
            let (salt, text) = ([7_u8; 32], format!("{{\"number\":{number}}}"));
            let leaf = leaf_hash(&salt, &text);
            oracle.push([salt.as_slice(), text.as_bytes()].concat());
            nodes.extend(edge.append(leaf).into_iter().map(|(level, position, hash)| ((level, position), hash)));
            leaves.push(leaf);
            roots.push(edge.root());
        }
        let root = edge.root();
        let found = oracle.root();
        prop_assert_eq!(found.as_bytes().as_slice(), root.as_slice());
        let mut read = |level: u32, position: u64| nodes.get(&(level, position)).copied().ok_or_else(|| Error::internal("not kept"));
        let path = tree::inclusion(&mut read, index, size).unwrap();
        prop_assert_eq!(oracle.prove_inclusion(index as usize).as_bytes().to_vec(), path.concat());
        let grown = tree::consistency(&mut read, old, size).unwrap();
        if old < size {
            prop_assert_eq!(oracle_consistency(&oracle, size, old), grown.concat());
        }
        let hashes = |list: &[Hash]| list.iter().map(|hash| tlog_tiles::Hash(*hash)).collect::<Vec<_>>();
        let (own, top) = (tlog_tiles::Hash(leaves[index as usize]), tlog_tiles::Hash(root));
        prop_assert!(tlog_tiles::check_record(&hashes(&path), size, top, index, own).is_ok());
        prop_assert!(tlog_tiles::check_tree(&hashes(&grown), size, top, old, tlog_tiles::Hash(roots[old as usize])).is_ok());
    }

    #[test]
    fn other_implementations_read_our_notes(size in 0_u64..i64::MAX as u64, root in any::<[u8; 32]>(), time in 0_u64..1 << 40, at in 0_usize..400, byte in any::<u8>()) {
        let key = JournalKey::ephemeral("baiyi/330502").unwrap();
        let head = Head { size, root };
        let note = key.sign(&head);
        prop_assert!(verified_by_oracle(&note, &key.verifier()));
        let (text, _) = checkpoint::parts(&note).unwrap();
        let cosigned = format!("{note}{}", WitnessKey::ephemeral("witness.example/w1").unwrap().cosign(text, time));
        prop_assert!(verified_by_oracle(&cosigned, &key.verifier()));
        prop_assert_eq!(checkpoint::open(&cosigned, &key.verifier()), Some(head));
        let read = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
        prop_assert_eq!((read.origin(), read.size(), read.hash().0), ("baiyi/330502", size, root));
        // Whatever is changed in it: what we open, the other one verifies and reads alike.
        let mut bytes = cosigned.into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(changed) = String::from_utf8(bytes)
            && let Some(opened) = checkpoint::open(&changed, &key.verifier())
        {
            prop_assert!(verified_by_oracle(&changed, &key.verifier()), "{changed}");
            let (text, _) = checkpoint::parts(&changed).unwrap();
            let read = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
            prop_assert_eq!((read.size(), read.hash().0), (opened.size, opened.root));
        }
    }
}

fn oracle_consistency(oracle: &MemoryBackedTree<Sha256, Vec<u8>>, size: u64, old: u64) -> Vec<u8> {
    oracle.prove_consistency((size - old) as usize).as_bytes().to_vec()
}
