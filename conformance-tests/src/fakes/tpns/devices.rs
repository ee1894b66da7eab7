//! The calls around devices: their tags, their accounts, and uploaded packages ("Tag API",
//! "Account binding and unbinding", "Account-device binding query", "Token package upload").

use serde_json::{Map, Value, json};

use super::codes::{self, BAD_FILE, EMPTY_FILE, MISSING, PARTLY, STRANGER, TOTALLY, UNBOUND, UNREADABLE, WRONG};
use super::fields::{Checked, Field, Object, Refusal, check, ensure, number, text, texts};
use super::{Tpns, is_token, tables};
use crate::fake::{Answer, Call, TargetState};
use crate::multipart;

/// The paths.
pub(super) const TAGS: &str = "/v3/device/tag";
pub(super) const ACCOUNTS: &str = "/v3/device/account/batchoperate";
pub(super) const UPLOAD: &str = "/v3/push/package/upload";
pub(super) const QUERY: &str = "/v3/device/account/query";
/// Tokens or tags of one call for tags. The text of 2020 said 20.
const MAX_LIST: usize = 500;
/// Pairs of tag and token, or tokens with accounts, in one call; characters of a tag.
const MAX_ITEMS: usize = 20;
const MAX_TAG: usize = 50;
/// Characters of a file's name, and its size in bytes.
const MAX_FILE_NAME: usize = 100;
const MAX_FILE: usize = 100 * 1024 * 1024;

/// What TPNS remembers of devices.
#[derive(Default)]
pub(super) struct Memory {
    /// Tag, token.
    tags: Vec<(String, String)>,
    /// Account, token.
    accounts: Vec<(String, String)>,
    /// How many packages were uploaded.
    packages: u64,
}

/// Adds a pair, or takes it out.
fn set(pairs: &mut Vec<(String, String)>, name: &str, token: &str, on: bool) {
    let pair = (name.to_owned(), token.to_owned());
    pairs.retain(|old| *old != pair);
    if on {
        pairs.push(pair);
    }
}

impl Memory {
    /// Whether a package was uploaded. The first was before the world began.
    pub(super) fn has_package(&self, id: &str) -> bool {
        id.parse::<u64>().is_ok_and(|id| (super::FIRST_PACKAGE..=super::FIRST_PACKAGE + self.packages).contains(&id))
    }

    /// How many packages were uploaded.
    pub(super) fn packages(&self) -> u64 {
        self.packages
    }

    /// Binds a token to an account.
    pub(super) fn bind(&mut self, account: &str, token: &str) {
        set(&mut self.accounts, account, token, true);
    }

    /// The tags of a token, or else its accounts.
    #[cfg(test)]
    pub(super) fn of(&self, token: &str, tags: bool) -> Vec<&str> {
        let pairs = if tags { &self.tags } else { &self.accounts };
        pairs.iter().filter(|(_, own)| own == token).map(|(name, _)| name.as_str()).collect()
    }
}

fn body(call: &Call, table: &[Field]) -> Checked<Object> {
    let Ok(Value::Object(body)) = call.json() else {
        return Err(Refusal::new(UNREADABLE, "the body is no JSON object"));
    };
    check("call", &body, &[table])?;
    Ok(body)
}

fn few(name: &str, count: usize, most: usize) -> Checked {
    ensure(count > 0, MISSING, format!("{name} is missing"))?;
    ensure(count <= most, WRONG, format!("{name} has {count} entries"))
}

fn objects<'a>(body: &'a Object, name: &str) -> Vec<&'a Object> {
    body.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).collect()
}

impl Tpns {
    /// Changes the tags of tokens.
    pub(super) fn tags(&self, call: &Call) -> Checked<Answer> {
        let body = body(call, tables::TAG_CALL)?;
        let kind = number(&body, "operator_type").unwrap_or_default();
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        if kind >= 9 {
            let given = objects(&body, "tag_token_list");
            few("tag_token_list", given.len(), MAX_ITEMS)?;
            pairs.extend(given.into_iter().map(|pair| (text(pair, "tag"), text(pair, "token"))));
        } else {
            let (mut tokens, mut tags) = (texts(&body, "token_list"), texts(&body, "tag_list"));
            few("token_list", tokens.len(), MAX_LIST)?;
            // Of calls for one token, or for one tag, the first counts.
            if kind <= 6 {
                tokens.truncate(1);
            }
            if kind == 5 {
                tags = vec!["*"];
            }
            few("tag_list", tags.len(), MAX_LIST)?;
            if matches!(kind, 1 | 2 | 7 | 8) {
                tags.truncate(1);
            }
            pairs.extend(tokens.iter().flat_map(|token| tags.iter().map(|tag| (*tag, *token))));
        }
        let long = pairs.iter().find(|(tag, _)| tag.chars().count() > MAX_TAG);
        ensure(long.is_none(), WRONG, format!("a tag has more than {MAX_TAG} characters: {long:?}"))?;
        let mut memory = self.memory();
        if let (5 | 6, Some((_, token))) = (kind, pairs.first()) {
            memory.tags.retain(|(_, own)| own != token);
        }
        let results: Vec<&str> = pairs.iter().map(|(_, token)| self.fate(token)).collect();
        for ((tag, token), _) in pairs.iter().zip(&results).filter(|(_, result)| **result == "0") {
            if kind != 5 {
                set(&mut memory.tags, tag, token, matches!(kind, 1 | 3 | 6 | 7 | 9));
            }
        }
        // The answer of this call has no number for each.
        match outcome(&results) {
            "0" => Ok(codes::operated("0", &[])),
            TOTALLY if kind < 9 => Err(Refusal::new(STRANGER, "no token is registered")),
            code => Err(Refusal::new(code, format!("{results:?}"))),
        }
    }

    /// Binds tokens to accounts, or frees them.
    pub(super) fn accounts(&self, call: &Call) -> Checked<Answer> {
        let body = body(call, tables::ACCOUNT_CALL)?;
        let mut memory = self.memory();
        let mut results = Vec::new();
        match number(&body, "operator_type") {
            Some(4) => {
                let tokens = texts(&body, "token_list");
                few("token_list", tokens.len(), MAX_ITEMS)?;
                results.extend(tokens.iter().map(|token| self.fate(token)));
                memory.accounts.retain(|(_, own)| !tokens.contains(&own.as_str()));
            }
            Some(5) => {
                let accounts = objects(&body, "account_list");
                few("account_list", accounts.len(), MAX_ITEMS)?;
                results.extend(accounts.iter().map(|_| "0"));
                memory.accounts.retain(|(own, _)| accounts.iter().all(|account| text(account, "account") != own));
            }
            kind => {
                let tokens = objects(&body, "token_accounts");
                few("token_accounts", tokens.len(), MAX_ITEMS)?;
                for entry in tokens {
                    let token = text(entry, "token");
                    let fate = self.fate(token);
                    results.push(fate);
                    if fate != "0" {
                        continue;
                    }
                    // 1 (add) has been replaced by 2 since 2020.
                    let binds = kind != Some(3);
                    memory.accounts.retain(|(_, own)| !binds || own != token);
                    for account in objects(entry, "account_list") {
                        set(&mut memory.accounts, text(account, "account"), token, binds);
                    }
                }
            }
        }
        let code = outcome(&results);
        let answer = codes::operated(code, &results);
        Ok(if code == "0" { answer } else { answer.because(format!("{code}: {results:?}")) })
    }

    /// Tells the tokens of accounts, or the accounts of tokens. What the whole call answers when none of
    /// them is bound is not documented: here the number of each.
    pub(super) fn bindings(&self, call: &Call) -> Checked<Answer> {
        let body = body(call, tables::ACCOUNT_QUERY)?;
        let of_accounts = number(&body, "operator_type") == Some(1);
        let (asked_as, asked): (_, Vec<&str>) = if of_accounts {
            ("account_list", objects(&body, "account_list").into_iter().map(|one| text(one, "account")).collect())
        } else {
            ("token_list", texts(&body, "token_list"))
        };
        ensure(!asked.is_empty(), MISSING, format!("{asked_as} is missing"))?;
        let memory = self.memory();
        let (mut results, mut found) = (Vec::new(), Vec::new());
        for name in asked {
            let pairs = memory.accounts.iter();
            let bound: Vec<&str> = if of_accounts {
                pairs.filter(|(account, _)| account == name).map(|(_, token)| token.as_str()).collect()
            } else {
                pairs.filter(|(_, token)| token == name).map(|(account, _)| account.as_str()).collect()
            };
            results.push(if bound.is_empty() { UNBOUND } else { "0" });
            if bound.is_empty() {
                continue;
            }
            found.push(if of_accounts {
                json!({"account": name, "token_list": bound})
            } else {
                let accounts: Vec<Value> = bound.iter().map(|account| json!({"account": account})).collect();
                json!({"token": name, "account_list": accounts})
            });
        }
        let code = if found.is_empty() { UNBOUND } else { "0" };
        let found_as = if of_accounts { "account_tokens" } else { "token_accounts" };
        let more = [("result".to_owned(), json!(results)), (found_as.to_owned(), json!(found))];
        Ok(codes::queried(code, Map::from_iter(more)))
    }

    /// Takes a package: a file with a token or an account in each line.
    pub(super) fn upload(&self, call: &Call) -> Checked<Answer> {
        let parts = multipart::parts(call).map_err(|why| Refusal::new(BAD_FILE, why))?;
        let file = parts.iter().find(|part| part.name == "file");
        let Some((file, name)) = file.and_then(|file| Some((file, file.file_name.as_deref()?))) else {
            return Err(Refusal::new(MISSING, "no file"));
        };
        let known = [".zip", ".txt", ".csv"].iter().any(|end| name.ends_with(end));
        ensure(known && name.chars().count() <= MAX_FILE_NAME, BAD_FILE, format!("the file is named {name}"))?;
        ensure(!file.bytes.is_empty(), EMPTY_FILE, "the file is empty")?;
        ensure(file.bytes.len() <= MAX_FILE, BAD_FILE, format!("the file has {} bytes", file.bytes.len()))?;
        ensure(name.ends_with(".zip") || std::str::from_utf8(&file.bytes).is_ok(), BAD_FILE, "the file is not UTF-8")?;
        let mut memory = self.memory();
        memory.packages += 1;
        Ok(codes::uploaded("0", super::FIRST_PACKAGE + memory.packages))
    }

    /// What a call says of a token.
    fn fate(&self, token: &str) -> &'static str {
        let alive = is_token(token) && matches!(self.world.target(token), TargetState::Alive);
        if alive { "0" } else { STRANGER }
    }
}

/// What a call says of all its tokens together.
fn outcome(results: &[&str]) -> &'static str {
    match results.iter().filter(|result| **result == "0").count() {
        good if good == results.len() => "0",
        0 => TOTALLY,
        _ => PARTLY,
    }
}
