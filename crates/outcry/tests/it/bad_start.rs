//! What an operator can do wrong at the command line: the program does not start, says in one sentence what is wrong
//! and how it is mended, and leaves nothing half-written behind.

use crate::harness::{self, Home, Ran, Request, market, outcry, tiny};
use std::net::TcpListener;

/// It failed, with these words on standard error, and wrote no data.
fn refuses(what: &str, home: &Home, ran: &Ran, says: &[&str]) {
    assert!(!ran.ok, "{what}: {ran:?}");
    for part in says {
        assert!(ran.err.contains(part), "{what}: {part} is not in:\n{}", ran.err);
    }
    let last = ran
        .err
        .lines()
        .rev()
        .find(|line| line.starts_with("outcry: "))
        .unwrap_or_else(|| panic!("{what}: {ran:?}"));
    assert!((30..400).contains(&last.len()), "{what}: {last}");
    assert!(!ran.err.contains("panicked") && !ran.out.contains("ready"), "{what}: {ran:?}");
    assert!(!home.path("data").exists(), "{what} left a data folder behind");
}

fn serve(home: &Home, more: &[&str]) -> Ran {
    Ran::of(&mut home.serve_command(more))
}

#[test]
fn a_missing_reference_is_found_by_serve_and_by_check() {
    let home = tiny(&market());
    home.edit("spec/exchange.toml", "supplier = \"northwind\"", "supplier = \"nothwind\"");
    let says = ["exchange.toml:", "error[OC0201]", "nothwind", "hint: ", "northwind"];
    refuses(
        "serve",
        &home,
        &serve(&home, &[]),
        &[&says[..], &["1 error", "nothing was started"]].concat(),
    );
    let checked = home.check(&[]);
    assert!(!checked.ok);
    harness::says(&checked.out, &says);
    let line: usize = checked.out.split(':').nth(1).unwrap().parse().unwrap();
    let file = std::fs::read_to_string(home.path("spec/exchange.toml")).unwrap();
    assert!(file.lines().nth(line - 1).unwrap().contains("nothwind"));
}

#[test]
fn a_ping_that_names_a_person_is_found_by_check() {
    let home = tiny(&market());
    let file = "spec/integrations/plain_json.toml";
    home.edit(
        file,
        "owner = \"{own_home}\"\n\n# The first rule",
        "owner = \"{own_home}\"\nwho = \"{phone}\"\n\n# The first rule",
    );
    let checked = home.check(&[]);
    assert!(!checked.ok);
    let text = std::fs::read_to_string(home.path(file)).unwrap();
    let line = text.lines().position(|line| line.contains("who = ")).unwrap() + 1;
    for part in [
        &format!("integrations/plain_json.toml:{line}:"),
        "error[OC0404]",
        "`phone` identifies the person directly",
        "no ping can carry it",
        "leave it to the post",
    ] {
        assert!(checked.out.contains(part), "{part} is not in {}", checked.out);
    }
    refuses("serve", &home, &serve(&home, &[]), &["error[OC0404]", "nothing was started"]);
}

#[test]
fn folders_that_are_not_there_are_named() {
    let home = tiny(&market());
    refuses(
        "no spec",
        &home,
        &serve(&home, &["--spec", &home.arg("nowhere")]),
        &["there is no folder", "nowhere", "--spec DIR"],
    );
    let checked = Ran::of(outcry().arg("check").arg(home.path("nowhere")));
    assert!(
        !checked.ok && checked.err.contains("nowhere") && checked.err.contains("outcry check DIR"),
        "{checked:?}"
    );
    home.write("empty/readme.md", "nothing to see");
    refuses(
        "an empty spec",
        &home,
        &serve(&home, &["--spec", &home.arg("empty")]),
        &["empty holds no spec files (*.toml)"],
    );
    // Even root cannot make a folder below a file.
    refuses(
        "no data",
        &home,
        &serve(&home, &["--data", &home.arg("secrets.toml/data")]),
        &["the data folder", "secrets.toml/data cannot be made", "--data"],
    );
    let told = home.explain("last");
    assert!(
        !told.ok && told.err.contains("there is no outcry database in") && told.err.contains("--data"),
        "{told:?}"
    );
    let told = home.explain("lead_7");
    assert!(
        !told.ok && told.err.contains("lead_7 is not an id") && told.err.contains("32 hex digits"),
        "{told:?}"
    );
}

#[test]
fn an_exchange_without_sources_does_not_start() {
    let home = tiny(&market());
    home.edit(
        "spec/exchange.toml",
        "[source.northwind_home]\nsupplier = \"northwind\"\ncampaign = \"home\"\nkeys = [\"secret:northwind_home_key\"]\n",
        "",
    );
    home.write("spec/more.toml", "");
    refuses("no source", &home, &serve(&home, &[]), &["has no source", "add a [source.NAME]"]);
}

#[test]
fn what_somebody_else_has_is_named() {
    let home = tiny(&market());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses(
        "a taken port",
        &home,
        &serve(&home, &["--listen", &address]),
        &["the address", &address, "is taken by another program", "--listen"],
    );

    let running = home.serve(&[]);
    let second = serve(&home, &[]);
    assert!(
        !second.ok && second.err.contains("is in use by another outcry process") && second.err.contains("--data"),
        "{second:?}"
    );
    assert_eq!(running.send(&Request::get("/readyz")).status, 200);
}

#[test]
fn wrong_settings_are_named_with_where_they_came_from() {
    let home = tiny(&market());
    home.write(
        "bad.toml",
        "listen = \"127.0.0.1:0\"\n[limits]\nanswer_ms = \"soon\"\nanswers = 7\n",
    );
    let bad = home.arg("bad.toml");
    let both = [
        "bad.toml: limits.answer_ms must be a whole number, not a text",
        "there is no setting limits.answers",
        "`outcry settings` lists them all",
    ];
    refuses("a bad file", &home, &serve(&home, &["--settings", &bad]), &both);
    home.write("broken.toml", "threads = 1\nlisten = \n");
    refuses(
        "a broken file",
        &home,
        &serve(&home, &["--settings", &home.arg("broken.toml")]),
        &["broken.toml:2:"],
    );
    refuses(
        "no file",
        &home,
        &serve(&home, &["--settings", &home.arg("no.toml")]),
        &["the settings file", "no.toml cannot be read", "`outcry settings` prints one"],
    );

    let table = [
        (
            "--set limit=7",
            "the flag --set limit: there is no setting limit; `outcry settings` lists them all",
        ),
        ("--set limits.answer_ms=2s", "limits.answer_ms must be a whole number, not a text"),
        ("--set limits.answer_ms=1", "limits.answer_ms is 1, but must be from 50 to 60000"),
        ("--set threads", "--set takes NAME=VALUE"),
        ("--set outbound.allow=home", "such as 127.0.0.0/8"),
        ("--set log.level=l=o=u=d", "must be error, warn, info, debug or trace"),
        ("--set log.format=xml", "log.format cannot be \"xml\": it is text or json"),
        (
            "--listen 8080",
            "listen cannot be \"8080\": it is an address and a port, such as 127.0.0.1:8080",
        ),
    ];
    for (flags, says) in table {
        refuses(flags, &home, &serve(&home, &flags.split(' ').collect::<Vec<_>>()), &[says]);
    }
    let variable = Ran::of(home.serve_command(&[]).env("OUTCRY_LIMITS_ANSWERMS", "7"));
    refuses(
        "a wrong variable",
        &home,
        &variable,
        &["the variable OUTCRY_LIMITS_ANSWERMS names no setting"],
    );
}

#[test]
fn wrong_secrets_are_named_and_never_shown() {
    let home = tiny(&market());
    let secrets = std::fs::read_to_string(home.path("secrets.toml")).unwrap();
    let table = [
        (
            "open-sesame\n",
            "secrets.toml:1: this is no secret; a secrets file holds lines of the form NAME = \"value\"",
        ),
        ("acme_key = \"open-sesame\"\nother = 7\n", "secrets.toml:2: this is no secret"),
        ("acme_key = open-sesame\n", "secrets.toml:1: this is no secret"),
        (
            "other_key = \"open-sesame\"\n",
            "error[OC0501]: the secret `northwind_home_key` has no value",
        ),
    ];
    for (text, says) in table {
        home.write("secrets.toml", text);
        let ran = serve(&home, &[]);
        refuses(text, &home, &ran, &[says]);
        assert!(!ran.err.contains("open-sesame"), "{}", ran.err);
    }
    refuses(
        "no secrets file",
        &home,
        &serve(&home, &["--secrets", &home.arg("none.toml")]),
        &["the secrets file", "none.toml cannot be read", "--secrets"],
    );
    // Once all is well, it starts.
    home.write("secrets.toml", &secrets);
    home.serve(&[]).stop();
}

#[test]
fn damaged_data_is_not_taken_for_fresh_data() {
    let home = tiny(&market());
    home.serve(&[]).stop();
    let key = std::fs::read_to_string(home.path("data/token.key")).unwrap();
    home.write("data/token.key", "7");
    let ran = serve(&home, &[]);
    assert!(
        !ran.ok && ran.err.contains("token.key does not hold 64 hex digits; restore it from a backup"),
        "{ran:?}"
    );
    home.write("data/token.key", &key);
    std::fs::remove_file(home.path("data/master.key")).unwrap();
    let ran = serve(&home, &[]);
    assert!(!ran.ok && ran.err.contains("master.key") && ran.err.contains("restore"), "{ran:?}");
    assert!(!home.path("data/master.key").exists(), "a new key would open nothing that is there");
}
