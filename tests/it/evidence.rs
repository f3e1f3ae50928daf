//! The evidence of a case: an auditor takes one archive away and checks it alone.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use baiyi::jobs;
use baiyi::trust::tree::verify_inclusion;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::support::story::Chain;
use crate::support::{TestApp, on_both};

fn files(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().to_owned(), bytes)
        })
        .collect()
}

fn rows(bytes: &[u8]) -> Vec<Value> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn hash(value: &Value) -> [u8; 32] {
    STANDARD.decode(value.as_str().unwrap()).unwrap().try_into().unwrap()
}

on_both! {
    async fn an_auditor_takes_a_case_away_and_checks_it_alone(app: &TestApp) {
        let chain = Chain::complete(app).await;
        jobs::sequence(&app.db, &app.clock, &app.journal).await.unwrap();
        let path = format!("/api/v1/cases/{}/evidence", chain.id("case_id"));
        for other in [&chain.lead.client, &chain.finance.client, &chain.admin] {
            other.get(&path).send().await.refused(403, "forbidden");
        }
        chain.bidders[0].client.get(&path).send().await.refused(404, "not_found");
        let answer = chain.auditor.get(&path).send().await.is(200);
        let files = files(&answer.bytes);
        // Every file but the list of hashes is in the list, and has the hash that it says.
        let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
        assert_eq!(sums.lines().count(), files.len() - 1);
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            assert_eq!(hex::encode(Sha256::digest(&files[name])), sum, "{name}");
        }
        // The data is what the API says, and every document of it is there.
        let case: Value = serde_json::from_slice(&files["case.json"]).unwrap();
        let told = chain.auditor.get(&format!("/api/v1/cases/{}", chain.id("case_id"))).send().await.is(200).value();
        assert_eq!(case, told);
        let documents = case["documents"].as_array().unwrap();
        assert!(!documents.is_empty());
        for document in documents {
            assert!(files.contains_key(&format!("documents/{}", document["sha256"].as_str().unwrap())), "{document}");
        }
        // Each entry re-hashes to its leaf, and the leaf is under the root of the checkpoint.
        let note = String::from_utf8(files["checkpoint.txt"].clone()).unwrap();
        let lines: Vec<&str> = note.lines().collect();
        let (size, root) = (lines[1].parse().unwrap(), STANDARD.decode(lines[2]).unwrap().try_into().unwrap());
        let entries: BTreeMap<String, Value> =
            rows(&files["entries.jsonl"]).into_iter().map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry)).collect();
        assert_eq!(entries.len(), case["history"].as_array().unwrap().len());
        let proofs = rows(&files["proofs.jsonl"]);
        assert_eq!(proofs.len(), entries.len());
        for proof in &proofs {
            let entry = &entries[proof["entry_id"].as_str().unwrap()];
            let mut leaf = Sha256::new();
            leaf.update([0]);
            leaf.update(STANDARD.decode(entry["salt"].as_str().unwrap()).unwrap());
            leaf.update(entry["text"].as_str().unwrap());
            let leaf: [u8; 32] = leaf.finalize().into();
            assert_eq!(leaf, hash(&entry["leaf_hash"]));
            let path: Vec<[u8; 32]> = proof["hashes"].as_array().unwrap().iter().map(hash).collect();
            assert!(verify_inclusion(&leaf, proof["index"].as_u64().unwrap(), size, &path, &root), "{proof}");
        }
        // Every field that the data uses is in the dictionary.
        let dictionary = String::from_utf8(files["dictionary.csv"].clone()).unwrap();
        assert!(dictionary.starts_with('\u{feff}'));
        for field in case.as_object().unwrap().keys() {
            assert!(dictionary.contains(&format!("CaseFile,{field},")), "{field}");
        }
        let logged = chain.admin.get("/api/v1/readings?limit=100").send().await;
        if logged.status == 200 {
            assert!(logged.text.contains("evidence"), "{}", logged.text);
        } else {
            panic!("{}", logged.text);
        }
    }

    async fn nothing_in_the_evidence_tells_of_a_sealed_bid(app: &TestApp) {
        let mut chain = Chain::cast(app).await;
        chain.organisations(app).await;
        chain.fund().await;
        chain.tender(app).await;
        chain.bids().await;
        let answer = chain.auditor.get(&format!("/api/v1/cases/{}/evidence", chain.id("case_id"))).send().await.is(200);
        let files = files(&answer.bytes);
        for (name, bytes) in &files {
            let text = String::from_utf8_lossy(bytes);
            assert!(name == "dictionary.csv" || name == "README.txt" || !text.contains("bid.sealed"), "{name}");
            for bidder in &chain.bidders {
                assert!(!text.contains(&bidder.id), "{name} names a bidder");
            }
        }
    }
}
