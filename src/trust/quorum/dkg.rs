//! Distributed key generation (FROST, Ed25519): two rounds of packages among openers known by position. Secrets of a round are opaque bytes of their owner.

use std::collections::BTreeMap;

use frost_ed25519 as frost;
use frost_ed25519::Identifier;
use frost_ed25519::keys::PublicKeyPackage;
use frost_ed25519::keys::dkg::{self, round1, round2};
use rand_core::OsRng;
use zeroize::Zeroizing;

use super::Fault;
use super::points::{decompress, recipient_of};

/// Packages by the position of whoever sent them.
pub type Packages = BTreeMap<u16, Vec<u8>>;

/// Secret bytes of one opener.
pub type Secret = Zeroizing<Vec<u8>>;

/// What everybody may know of a generated key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group's public key, a compressed Edwards point.
    pub key: [u8; 32],
    /// Its age recipient.
    pub recipient: String,
    /// The verifying share of each opener, compressed, by position.
    pub shares: BTreeMap<u16, [u8; 32]>,
}

/// Begins: the secret to keep and the package for everybody.
pub fn begin(position: u16, threshold: u16, members: u16) -> Result<(Secret, Vec<u8>), Fault> {
    let (secret, package) = dkg::part1(identifier(position)?, members, threshold, OsRng).map_err(fault)?;
    Ok((Zeroizing::new(secret.serialize().map_err(fault)?), package.serialize().map_err(fault)?))
}

/// Goes on when everybody else's first package is there: the secret to keep and one package for each of the others, to be sealed.
pub fn deal(secret: &[u8], others: &Packages) -> Result<(Secret, BTreeMap<u16, Secret>), Fault> {
    let secret = round1::SecretPackage::deserialize(secret).map_err(fault)?;
    let others = of_degree(*secret.min_signers(), first_packages(others)?)?;
    let (secret, packages) = dkg::part2(secret, &others).map_err(fault)?;
    let mut sealed = BTreeMap::new();
    for (to, package) in packages {
        sealed.insert(position_of(&to), Zeroizing::new(package.serialize().map_err(fault)?));
    }
    Ok((Zeroizing::new(secret.serialize().map_err(fault)?), sealed))
}

/// Ends when everybody else's second package is there: this opener's share, and the group. A wrong package names its sender.
pub fn finish(secret: &[u8], others: &Packages, dealt: &BTreeMap<u16, Secret>) -> Result<(Zeroizing<[u8; 32]>, Group), Fault> {
    let secret = round2::SecretPackage::deserialize(secret).map_err(fault)?;
    let mut second = BTreeMap::new();
    for (from, bytes) in dealt {
        let package = round2::Package::deserialize(bytes).map_err(|e| Fault::of(*from, format!("round 2: {e}")))?;
        second.insert(identifier(*from)?, package);
    }
    let (key, public) = dkg::part3(&secret, &first_packages(others)?, &second).map_err(fault)?;
    let bytes = Zeroizing::new(key.signing_share().serialize());
    let share = bytes.as_slice().try_into().map_err(|_| Fault::refused("a share is not of 32 bytes"))?;
    Ok((Zeroizing::new(share), group_of(&public)?))
}

/// The group that first packages give, in public. Each must commit to a polynomial of the threshold's degree.
pub fn group(threshold: u16, packages: &Packages) -> Result<Group, Fault> {
    let packages = of_degree(threshold, first_packages(packages)?)?;
    let commitments = packages.iter().map(|(of, package)| (*of, package.commitment())).collect();
    group_of(&PublicKeyPackage::from_dkg_commitments(&commitments).map_err(fault)?)
}

/// Whether a first package can be read and commits to a polynomial of the threshold's degree.
pub fn check_first(position: u16, threshold: u16, package: &[u8]) -> Result<(), Fault> {
    group(threshold, &Packages::from([(position, package.to_vec())])).map(drop)
}

fn first_packages(packages: &Packages) -> Result<BTreeMap<Identifier, round1::Package>, Fault> {
    let mut read = BTreeMap::new();
    for (from, bytes) in packages {
        let package = round1::Package::deserialize(bytes).map_err(|e| Fault::of(*from, format!("round 1: {e}")))?;
        read.insert(identifier(*from)?, package);
    }
    Ok(read)
}

/// The packages, if each commits to a polynomial of the threshold's degree; otherwise whoever sent one that does not is named.
fn of_degree(threshold: u16, packages: BTreeMap<Identifier, round1::Package>) -> Result<BTreeMap<Identifier, round1::Package>, Fault> {
    match packages.iter().find(|(_, package)| package.commitment().coefficients().len() != usize::from(threshold)) {
        Some((of, _)) => Err(Fault::of(position_of(of), "round 1: a polynomial of another degree")),
        None => Ok(packages),
    }
}

fn group_of(public: &PublicKeyPackage) -> Result<Group, Fault> {
    let bytes = |serialized: Vec<u8>| <[u8; 32]>::try_from(serialized).map_err(|_| Fault::refused("a point is not of 32 bytes"));
    let key = bytes(public.verifying_key().serialize().map_err(fault)?)?;
    let mut shares = BTreeMap::new();
    for (of, share) in public.verifying_shares() {
        shares.insert(position_of(of), bytes(share.serialize().map_err(fault)?)?);
    }
    let recipient = decompress(&key).as_ref().and_then(recipient_of).ok_or_else(|| Fault::refused("the group key is no point"))?;
    Ok(Group { key, recipient, shares })
}

fn identifier(position: u16) -> Result<Identifier, Fault> {
    Identifier::try_from(position).map_err(fault)
}

/// The position behind an identifier, which is the scalar of that number, little-endian.
fn position_of(identifier: &Identifier) -> u16 {
    match identifier.serialize().as_slice() {
        [low, high, ..] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

fn fault(error: frost::Error) -> Fault {
    match error.culprits().first() {
        Some(culprit) => Fault::of(position_of(culprit), error.to_string()),
        None => Fault::refused(error.to_string()),
    }
}
