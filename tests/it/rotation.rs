//! Another key for the journal: announced in it, signed by the key before it, followed by every verifier.

use std::sync::Arc;

use baiyi::cli::rotation::rotate;
use baiyi::disclosure::bundle::{Bundle, check, export};
use baiyi::jobs;
use baiyi::kernel::{Clock, UtcInstant};
use baiyi::trust::checkpoint::JournalKey;
use baiyi::trust::{journal, keychain, sequencer, verify};

use crate::audit::{checked_by_python, python};
use crate::sequencer::{House, ORIGIN, block_on, facts};
use crate::support::Backend;

async fn sequenced(house: &House, key: &Arc<JournalKey>) -> baiyi::kernel::Result<usize> {
    jobs::sequence(&house.db, &Clock::machine(), key).await
}

fn key(house: &House) -> Arc<JournalKey> {
    Arc::new(JournalKey::read(&house.key_file, ORIGIN).unwrap())
}

async fn written(house: &House, from: u64) {
    for number in from..from + 3 {
        house.write(UtcInstant::machine_now(), number).await;
    }
}

async fn faults(house: &House, known: &str) -> Vec<String> {
    let known = known.to_owned();
    house.db.read(move |snapshot| verify::whole(snapshot, &known, &[])).await.unwrap().faults
}

async fn story(house: House) {
    let first = key(&house);
    written(&house, 0).await;
    sequenced(&house, &first).await.unwrap();
    let early = house.db.read(|snapshot| sequencer::latest(snapshot)).await.unwrap().unwrap().note;
    let (old, new) = rotate(&house.db, house.tenant, &house.key_file, ORIGIN).await.unwrap();
    let second = key(&house);
    assert_eq!((old, new), (first.verifier(), second.verifier()));
    written(&house, 10).await;
    // A server that still holds the old key signs nothing more.
    let refused = sequenced(&house, &first).await.unwrap_err().to_string();
    assert!(refused.contains("its key was rotated"), "{refused}");
    assert_eq!(sequenced(&house, &second).await.unwrap(), 4);
    rotate(&house.db, house.tenant, &house.key_file, ORIGIN).await.unwrap();
    let third = key(&house);
    // Everything that was signed is also right while the last announcement waits for its place.
    assert_eq!(faults(&house, &third.verifier()).await, [""; 0]);
    written(&house, 20).await;
    sequenced(&house, &third).await.unwrap();
    let stranger = JournalKey::ephemeral(ORIGIN).unwrap();
    for known in [&first, &second, &third] {
        assert_eq!(faults(&house, &known.verifier()).await, [""; 0]);
    }
    assert!(faults(&house, &stranger.verifier()).await[0].contains("not among the journal's keys"));
    let bundle: Bundle = house.db.read(|snapshot| export::read(snapshot)).await.unwrap();
    assert_eq!(check::faults(&bundle, &third.verifier(), std::slice::from_ref(&early)), [""; 0]);
    if let Some(python) = python() {
        for known in [&first, &third] {
            let (fine, words) = checked_by_python(&python, &bundle, &known.verifier());
            assert!(fine, "{words}");
        }
        assert!(!checked_by_python(&python, &bundle, &stranger.verifier()).0);
    }
    // A checkpoint that the replaced key signs afterwards is none of the journal's.
    let mut forged = bundle.clone();
    let last = forged.checkpoints.last_mut().unwrap();
    let head = baiyi::trust::checkpoint::open(&last.note, &third.verifier()).unwrap();
    last.note = first.sign(&head);
    assert!(check::faults(&forged, &third.verifier(), &[])[0].contains("not signed with this key"));
    if let Some(python) = python() {
        assert!(!checked_by_python(&python, &forged, &third.verifier()).0);
    }

    // Interrupted after it was announced and before the file was put in place: run again, it finishes what it began.
    std::fs::copy(&house.key_file, house.key_file.with_file_name("journal.next.pem")).unwrap();
    let kept = house.key_file.with_file_name(format!("journal.old-{}.pem", second.verifier().split('+').nth(1).unwrap()));
    std::fs::copy(kept, &house.key_file).unwrap();
    rotate(&house.db, house.tenant, &house.key_file, ORIGIN).await.unwrap();
    assert_eq!(key(&house).verifier(), third.verifier());
    assert_eq!(faults(&house, &third.verifier()).await, [""; 0]);

    // Whoever has the database and not the key announces a key of his own.
    let (tenant, evil) = (house.tenant, JournalKey::ephemeral(ORIGIN).unwrap());
    let event = keychain::rotation(tenant, 4, &stranger, &evil);
    house.db.write(facts(UtcInstant::machine_now()), move |tx| journal::record(tx, &event)).await.unwrap();
    let told = faults(&house, &third.verifier()).await;
    assert!(told[0].contains("not signed by the key before it"), "{told:?}");
}

#[test]
fn every_verifier_follows_the_journals_keys_on_sqlite() {
    block_on(async { story(House::of(Backend::Sqlite).await.unwrap()).await });
}

#[test]
fn every_verifier_follows_the_journals_keys_on_postgres() {
    block_on(async {
        if let Some(house) = House::of(Backend::Postgres).await {
            story(house).await;
        }
    });
}
