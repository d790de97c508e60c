//! The card on Debian's own PC/SC stack: pcscd and vpcd unchanged, OpenSC and openssl as the
//! clients. Nobody among them has seen this project, so what they accept is a second opinion.
//! Every test has a world of its own and asserts on exit status and data, not on wording.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod world;

use std::fs;
use world::{
    AUTHENTICATION_CA, AUTHENTICATION_CERTIFICATE, PASSWORD, PIN, SIGN_CA, SIGN_CERTIFICATE, World,
};

/// Values of the lines `name : value` of a listing, in order.
fn values(listing: &str, name: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(left, _)| left.trim() == name)
        .map(|(_, right)| right.trim().to_owned())
        .collect()
}

fn tries_left(world: &World) -> Vec<String> {
    world.reset_card();
    let listing = world.succeed("pkcs15-tool", &["--list-pins"]);
    values(&listing, "Tries left")
}

/// A certificate as pkcs15-tool reads it, turned to DER by openssl.
fn certificate(world: &World, arguments: &[&str]) -> Vec<u8> {
    let pem = world.succeed("pkcs15-tool", arguments);
    fs::write(world.file("certificate.pem"), pem).unwrap();
    world.succeed(
        "openssl",
        &[
            "x509",
            "-in",
            "certificate.pem",
            "-outform",
            "DER",
            "-out",
            "certificate.der",
        ],
    );
    fs::read(world.file("certificate.der")).unwrap()
}

/// Signs a message with pkcs11-tool and lets openssl judge it with the key of the certificate read
/// last.
fn sign_and_verify(world: &World, slot: &str, key: &str, secret: &str) {
    fs::write(world.file("message"), b"challenge of a clinic").unwrap();
    world.succeed(
        "pkcs11-tool",
        &[
            "--slot-index",
            slot,
            "--login",
            "--pin",
            secret,
            "--sign",
            "--id",
            key,
            "--mechanism",
            "SHA256-RSA-PKCS",
            "-i",
            "message",
            "-o",
            "signature",
        ],
    );
    let public = world.succeed(
        "openssl",
        &["x509", "-in", "certificate.pem", "-pubkey", "-noout"],
    );
    fs::write(world.file("public.pem"), public).unwrap();
    let verify = [
        "dgst",
        "-sha256",
        "-verify",
        "public.pem",
        "-signature",
        "signature",
        "message",
    ];
    world.succeed("openssl", &verify);
    fs::write(world.file("message"), b"challenge of a stranger").unwrap();
    world.fail("openssl", &verify);
}

#[test]
fn opensc_finds_the_card_and_everything_on_it() {
    World::enter("opensc_finds_the_card_and_everything_on_it", |world| {
        assert_eq!(world.succeed("opensc-tool", &["--name"]).trim(), "jpki");
        let certificates = world.succeed("pkcs15-tool", &["--list-certificates"]);
        assert_eq!(values(&certificates, "ID"), ["01", "02", "03", "04"]);
        let keys = world.succeed("pkcs15-tool", &["--list-keys"]);
        assert_eq!(values(&keys, "ID"), ["01", "02"]);
        assert_eq!(values(&keys, "ModLength"), ["2048", "2048"]);
        world.succeed("pkcs15-tool", &["--dump"]);
        assert_eq!(tries_left(world), ["3", "5"]);
    });
}

#[test]
fn the_authentication_key_signs_after_its_pin() {
    World::enter("the_authentication_key_signs_after_its_pin", |world| {
        for (id, expected) in [
            ("03", AUTHENTICATION_CA),
            ("04", SIGN_CA),
            ("01", AUTHENTICATION_CERTIFICATE),
        ] {
            assert_eq!(
                certificate(world, &["--read-certificate", id]),
                expected,
                "certificate {id}"
            );
        }
        sign_and_verify(world, "0", "01", PIN);
    });
}

#[test]
fn wrong_pins_lower_the_counter_and_lock() {
    World::enter("wrong_pins_lower_the_counter_and_lock", |world| {
        let present = |pin| ["--verify-pin", "--auth-id", "01", "--pin", pin];
        assert_eq!(tries_left(world), ["3", "5"]);
        world.fail("pkcs15-tool", &present("0000"));
        assert_eq!(tries_left(world), ["2", "5"]);
        world.succeed("pkcs15-tool", &present(PIN));
        assert_eq!(tries_left(world), ["3", "5"]);
        for left in ["2", "1", "0"] {
            world.fail("pkcs15-tool", &present("0000"));
            assert_eq!(tries_left(world), [left, "5"]);
        }
        world.fail("pkcs15-tool", &present(PIN));
        assert_eq!(tries_left(world), ["0", "5"]);
    });
}

#[test]
fn the_sign_certificate_needs_its_password() {
    World::enter("the_sign_certificate_needs_its_password", |world| {
        let read = ["--read-certificate", "02"];
        let open = |secret| {
            [
                read.as_slice(),
                &["--auth-id", "02", "--verify-pin", "--pin", secret],
            ]
            .concat()
        };
        assert!(
            !world
                .fail("pkcs15-tool", &read)
                .contains("BEGIN CERTIFICATE")
        );
        let closed = world.fail("pkcs15-tool", &open("ABC124"));
        assert!(!closed.contains("BEGIN CERTIFICATE"));
        assert_eq!(certificate(world, &open(PASSWORD)), SIGN_CERTIFICATE);
        sign_and_verify(world, "1", "02", PASSWORD);
    });
}

#[test]
fn the_card_leaves_and_comes_back_as_it_was() {
    World::enter("the_card_leaves_and_comes_back_as_it_was", |world| {
        world.fail(
            "pkcs15-tool",
            &["--verify-pin", "--auth-id", "01", "--pin", "0000"],
        );
        world.take_card_out();
        world.fail("pkcs15-tool", &["--list-pins"]);
        world.put_card_in();
        assert_eq!(tries_left(world), ["2", "5"]);
    });
}
