//! How to speak with a buyer: a lead into its request, its answer into bids or a verdict.
//!
//! This crate knows no sockets, no async and no other buyers. An integration is a TOML file, compiled once at load;
//! reading one reports everything that is wrong with it at once, and its examples prove what it says.
//!
//! # The file
//!
//! ```toml
//! schema = "outcry.integration/1"        # required
//! label = "Acme"                         # required, for people
//! about = "What else people should know"
//! currency = "USD"                       # of prices that name none; the campaign's if left out
//!
//! [params]                               # what a contract must or may supply
//! base_url = { kind = "url", required = true, about = "…" }
//! key = { kind = "secret", required = true }
//! src = { kind = "text", default = "outcry" }
//!
//! [tables.credit]                        # words for words: {credit | table credit}
//! good = "GOOD"
//! else = "UNKNOWN"
//!
//! [ping.request]                         # leave [ping] out for direct posts
//! [ping.answer]
//! [post.request]
//! [post.answer]
//! [[examples.ping]]                      # and ping_answer, post, post_answer
//! ```
//!
//! Further steps stand beside them, each with a request and an answer of its own: see *Steps* below.
//!
//! The kinds of a parameter are `text`, `secret` (never shown, no default), `server` (the address of a mail
//! server: `smtps://host:465`), `url` (an absolute address without user,
//! password or fragment; the only thing that can name a host) and `number`.
//!
//! # Requests
//!
//! ```toml
//! [ping.request]
//! method = "POST"                        # GET, POST, PUT, PATCH, DELETE; POST if left out
//! url = "{param.base_url}/ping"
//! format = "json"                        # form, query (behind the question mark), xml, soap11, soap12, text, multipart
//! nesting = "brackets"                   # in forms: drivers[0][age]; dots, repeat, empty_brackets
//! missing = "leave_out"                  # or empty, or null; also in a table of the body
//! query = { src = "{param.src}" }        # beside a body
//! headers = { authorization = "Bearer {param.key}" }
//!
//! [ping.request.body]
//! zip = "{zip}"                          # one hole alone keeps its type
//! greeting = "Lead of {source}"          # beside other text everything becomes text
//! version = 2                            # numbers, true and false go as they are
//! insured = "{currently_insured | yes_no Y N}"
//! "Lead.Zip" = "{zip!}"                  # a quoted key is one name, dots and brackets kept; ! is required
//! fields = [{ name = "fax", value = "{fax?}" }]   # without the value the table around it is left out
//! alliance = { id = "{param.src}" }      # tables and lists nest
//! drivers = { each = "drivers", max = 4, as = { gender = "{gender}", zip = "{lead.zip}" } }
//! flat = { each = "drivers", names = "Driver{number}_{name}", as = { Age = "{dob | age}" } }
//! "*" = "{lead}"                         # every field as it is, save those named beside it
//! fha = { when = { field = "lead_type", equals = "refinance" }, then = "{fha | yes_no}", else = "no" }
//! "* renter" = { when = { value = "{own}", in = ["rent"] }, then = { rent = "{rent}" } }   # several members
//! block = { document = "xml", body = { Lead = { Zip = "{zip}" } } }   # a document as one text, escaped for its place
//! ```
//!
//! A body is written from this tree, so a value can never change its shape. What is missing is left out, and so is a
//! table or list of which nothing is left; a list that the lead has is sent even if it is empty. `names` lays rows out
//! flat among the members around it (`{number}` counts from one, `{index}` from zero); its own key is not sent. A body may be
//! a list.
//!
//! **XML** has one root. `"@name"` is an attribute, `"#text"` the text beside attributes, `"#cdata"` the same as CDATA; lists and `each`
//! repeat the element; prefixes are written as they are and declared with `"@xmlns:ns"`. `declaration = false` leaves
//! `<?xml … ?>` out, `instruction = 'adf version="1.0"'` comes before the root. A character that XML cannot carry refuses the request. **SOAP** puts its envelope around the body; `action`
//! and `soap_header` go with it. **Text** is one text or a table of `NAME=VALUE` lines with `separator` and `pair`; what would end a
//! line becomes a blank in values. **Multipart** makes a boundary that is in none of its parts.
//!
//! A condition asks a `field` or a `value` with the tests of answers; `all`, `any`, `not` hold conditions.
//!
//! The host of `url` is written in the file or comes from a `url` parameter that begins it. Any other value is
//! percent-encoded for its place; in the path it must not be missing, `.` or `..`. A header whose value is missing is left
//! out; one with control characters or letters beyond ASCII refuses the request. `content-type` follows the format
//! unless the file sets it; `host` and the like belong to the client.
//!
//! ## Credentials
//!
//! ```toml
//! auth = { basic = { user = "{param.user}", password = "{param.password}" } }   # or one of these:
//! auth = { bearer = "{param.token}" }
//! auth = { digest = { user = "{param.user}", password = "{param.password}" } }  # MD5 or SHA-256, as the server asks
//!
//! client_certificate = { certificate = "{param.cert}", key = "{param.cert_key}" }   # both in PEM; left out if neither is given
//!
//! [post.request.sign]                    # an HMAC over exactly what is sent
//! hmac = "sha256"                        # sha256, sha512, sha1
//! key = "{param.signing_key}"
//! key_encoding = "text"                  # text, hex, base64
//! text = "{timestamp}.{body}"            # also {method}, {path}, {query}, {url}; {lead.body} is a field of that name
//! encode = "hex"                         # hex, base64, base64url
//! timestamp = "seconds"                  # seconds, milliseconds, rfc3339: of the call's {now}
//! headers = { x-timestamp = "{timestamp}", x-signature = "sha256={signature}" }
//!
//! sign = { standard_webhooks = "{param.secret}" }    # webhook-id, webhook-timestamp, webhook-signature
//! ```
//!
//! A password, a token or a key comes from a `secret` parameter or from an earlier step, never from the file; only a blank
//! password may be written out. If one is missing there is no request, or no contract where the parameters alone
//! decide. In a word of its own (a header, the query, the path, the body) a secret is an ordinary hole.
//!
//! ## Posts that are not HTTP
//!
//! ```toml
//! [post.request]
//! via = "mail"                           # leave [post.answer] out: the mail server says what became of it
//! server = "{param.server}"              # kind "server": smtps://host:465, or smtp://host:587 for STARTTLS
//! user = "{param.user}"
//! password = "{param.password}"
//! from = "Leads <leads@example.com>"     # from, to and login are settled by the contract, never by a lead
//! to = "{param.to}"                      # or a list
//! reply_to = "{email}"
//! subject = "New lead: {first_name}"
//! text = "..."                           # and html = "..."
//! body = { "*" = "{lead}" }              # lines `name: value` under both
//! ```
//!
//! ```toml
//! [post.request]
//! via = "inbox"                          # the buyer fetches `body` as a JSON document
//! ```
//!
//! ```toml
//! [post.request]
//! via = "file"                           # a row of a file that is written on a schedule; "sftp" takes server, user,
//!                                        # password or key, and host_key besides
//! rows = "csv"                           # body = one value for each column; or "json_lines": any tree
//! folder = "{param.folder}"
//! name = "leads-{date}-{time}-{batch}.csv"
//! every_minutes = 15                     # by the clock, or as soon as there are `rows_max`
//! rows_max = 1000
//! ```
//!
//! ## Holes
//!
//! `{{` and `}}` are literal braces. A hole names one of these and may send it through pipes:
//!
//! | Hole | Is |
//! |---|---|
//! | `{zip}`, `{drivers[0].dob}`, `{drivers[*].gender}` | a field; `[*]` gives the texts of all rows |
//! | `{drivers[gender=male]}`, `{drivers[gender=male].dob}` | rows with this word in a field; a field of theirs |
//! | `{work_phone ?? phone}` | the first that is there and not blank |
//! | `{lead}`, `{lead.zip}` | the whole view; a field of it from inside of `each`, or one whose name is taken |
//! | `{row}`, `{index}`, `{number}` | inside of `each`: the whole row, its number from zero, from one |
//! | `{param.key}` | a parameter |
//! | `{ping.id}`, `{test}`, `{source}`, `{now}` | the call: our id of the ping, is it a test, the source's name, the moment in UTC |
//! | `{ping.wait_ms}` | in a ping: how long we listen |
//! | `{attempt.id}` | in a post: our id of it |
//! | `{bid.id}`, `{bid.price}`, `{bid.currency}`, `{bid.buyer_name}`, `{bid.echo.NAME}` | in a post: the offer that won |
//! | `{bid.legs[*].id}`, `each = "bid.legs"` | the legs it is made of: `id`, `price`, `buyer_name`, `group`, and what `echo` kept of each |
//! | `{ask.floor}`, `{ask.price}` | the floor of the contract; that, or more if the source must get more |
//! | `{login.NAME}`, `{pre_ping.NAME}`, `{ping.answer.NAME}`, `{post.NAME}`, `{completion.NAME}` | what that step kept, in the steps behind it |
//!
//! | Pipes | Do |
//! |---|---|
//! | `upper`, `lower`, `title`, `capital`, `trim`, `digits`, `letters`, `alphanumeric`, `ascii`, `one_line` | what they say, on text |
//! | `take 3`, `take_last 4`, `skip 1`, `pad 2`, `before '@'`, `after '@'`, `replace '-' ' '`, `email_domain` | parts of a text |
//! | `text`, `number`, `bool` | change the type: `"18"`, `18`, `true` |
//! | `plus`, `minus`, `times`, `divide`, `modulo`, `at_least`, `at_most` with a number or a field | exact arithmetic |
//! | `whole`, `round`, `round 500`, `decimals 2`, `thousands`, `sum`, `max`, `min` | numbers; `decimals` and `thousands` make text |
//! | `bands 580=Fair 670=Good else=Poor`; `range_low`, `range_high`, `range_middle` | a number to a word; the ends of `$201-300` |
//! | `date %m/%d/%Y`, `read_date %m/%d/%Y`, `zone America/Chicago`, `unix`, `unix_ms` | `strftime` forms, a moment on the clock it was written by |
//! | `year`, `month`, `day`; `age`, `months_since`, `days_since`, `days_until`, each alone or with a field or day | numbers, in whole units, to the call |
//! | `plus_days 30`, `minus_days 30`, `plus_months 1`, `next friday`, `workday`, `workday before`, `next_pay pay_frequency` | other days |
//! | `phone us10`, `us11`, `e164`, `national`, `country`, `area`, `exchange`, `line`, `dashes`, `parens`, `dots`, `'(NNN)NNN-NNNN'` | missing if it is no such number |
//! | `yes_no`, `yes_no Y N` | `Yes` and `No`, or these words |
//! | `is own rent`, `over 64`, `under 18`, `exists`, `not` | true or false |
//! | `words own=Owner rent='Rents it' else=Other` | word for word; other words are missing, or become `else`, or stay with `keep` |
//! | `table credit`, `table plan state` | the cell of a table, by further values where it is nested |
//! | `default x`, `default ''`, `or work_phone` | taken when the value is missing or blank |
//! | `drop unknown` | missing if it is one of these words |
//! | `null` | JSON null when it is missing |
//! | `required`, or `!` behind the path | no request without a value |
//! | `split '@'`, `first`, `last`, `item 1`, `unique`, `join '; '`, `count` | lists of texts; `count` counts rows too, zero when missing |
//! | `md5`, `sha1`, `sha256`, `sha512`, `hmac sha256 param.key`, `base64`, `base64url`, `url`, `uuid` | digests in lower-case hex, encodings |
//!
//! In a word map, yes and no are found under `yes`, `no` or `true`, `false`.
//!
//! # Answers
//!
//! ```toml
//! [ping.answer]
//! format = "json"                        # json, xml, form, text, or none: the body is not read
//! id = "ping_id"                         # the buyer's id of the ping, on refusals too
//! reason = ["error", "errors[*].text"]   # the first that is there; several texts are joined with "; "
//! bid = { price = "payout", id = "ping_id", echo = { lot = "lot.id" } }
//! bids = { each = "bids", price = { path = "cents", cents = true }, id = "id", echo = { ping = "$.ping_id" } }
//!
//! [[ping.answer.rules]]
//! when = { path = "status", in = ["Matched", "OK"] }
//! outcome = "bid"                        # bid, no_bid, duplicate, error
//!
//! [post.answer]
//! format = "xml"
//! price = "response/price"               # and currency = "response/currency"
//! reference = "response/lead_id"
//! redirect_url = "response/url"
//! reason = { path = ["response/error", "//reason"], join = " / " }   # from all of them
//!
//! [[post.answer.rules]]
//! when = { status = 200, path = "response/status", equals = "ok" }
//! outcome = "accepted"                   # accepted, rejected, duplicate, error, queued, unknown
//! ```
//!
//! **Readers.** Whatever is read is found by a path, or by a table that says how; a list of these is tried in order:
//!
//! | Reader | Finds |
//! |---|---|
//! | `"a.b"`, `{ path = "a.b" }` | a value by its path |
//! | `{ regex = "price=([0-9.]+)" }` | in the text as it came: the group named `value`, else the first group, else the match; with `every = true` all matches |
//! | `{ header = "X-Reason" }`, `{ status = true }` | a header of the answer, the status |
//! | `{ raw = true }` | the whole text |
//! | `{ path = "msg", regex = "for (.+)" }` | an expression in what a path, a header or the like found |
//! | `{ path = "result", then = { format = "json", path = "bid.price" } }` | a second reader in a text that the first found: JSON in JSON, XML in SOAP |
//! | `{ path = "code", table = "codes", else = "refused" }` | what a word stands for in `[tables.codes]`; without `else` an unknown word stays |
//!
//! **Paths.** JSON: `a.b[0].c`, `bids[*].price`, `["dotted.key"]`, `*` for every member; `$.` begins at the whole answer. XML:
//! `response/status`, `//price`, `bid[0]/@id`, `*/status`, by local names and blind to namespaces; a leading `/` begins at
//! the whole answer. `form` is names and values: `status=ok&price=9`, or a pair on each line, or with `separator = ";"` and
//! `pair = ":"` any others; a path is the name, `errors[*]` one that may stand several times. `text` has no paths. Inside of
//! `bids` paths begin at the item. Indexes count from zero. Text is trimmed; null, blank text
//! and empty lists count as absent. A name that stands twice on a path that is read makes the answer unreadable; so do
//! different values where one price or id belongs.
//!
//! **Expressions** are regular ones in linear time, blind to capitals unless `exact = true`, and search texts of up to 256 KiB.
//!
//! **Rules.** In order, the first that holds decides. A condition is a table; all of its keys must hold: `status` (`200`,
//! `"5xx"`, `"400-499"`, or a list), a reader (`path`, `regex`, `header` or `raw`, with `then`) and its tests, `all`, `any`, `not`. The
//! tests are `equals`, `in`, `not_in`, `matches` (an expression), `present`, `absent`, `greater_than`, `less_than`, `at_least`, `at_most`;
//! several in one table must all hold for one value; `regex` alone asks whether it is found. Capitals do not matter unless
//! `exact = true`; a number in the file compares as a number, and with a price by its amount. A value that is not there
//! passes `absent` and nothing else. A rule without `when` always holds; a rule may give its own `reason`.
//!
//! **When in doubt.** If no rule holds, if a price is not an amount: a ping is an `error`, a post is
//! `unknown`, and a note says why. A 5xx, and good news (`bid`, `accepted`, `queued`) outside of a 2xx, count only for a rule that
//! speaks of `status`. If the body does not parse, or a text inside of it, the rules that look at `regex`, `raw`, `header` and
//! `status` still count, and a note says so; then good news must rest on words of the text or a header, and no verdict on
//! something that is not there. A bid whose price or id stands where nothing can be read is an error.
//!
//! **Bytes.** A byte order mark decides, then whether the bytes are UTF-8, then a declaration of windows-1252 or ISO 8859-1. A
//! DOCTYPE is skipped and nothing it names is fetched; one that declares entities makes the answer unreadable.
//!
//! **Prices.** Exact decimals, as text or number, with `$`, `£`, `€`, a currency code, thousands in threes. In a ping, zero or
//! less is no bid; a bid without a price is a bid at the contract's price. In a post, zero is a
//! price, and a price that cannot be read leaves the verdict as it is. More than a million is an error. A list of bids that is
//! there and empty is no bid; where there is none, `bid` is read. A price in another currency than the campaign's is no bid,
//! and in a post says nothing.
//!
//! | Price | Is |
//! |---|---|
//! | `{ path = "p", cents = true }`, `divide = 1000`, `times = "0.85"`, `decimal = ","` | a number in cents, in thousandths, of which we get a share, with a comma |
//! | `{ path = "bids[*].p", take = "highest" }` | one of several: `highest`, `lowest`, `first`, or their `sum` |
//! | `{ param = "price" }`, `{ fixed = "12.50" }` | a parameter of the contract; the same for all |
//! | `{ table = "prices", key = "program" }` | by a word of the answer, in `[tables.prices]`; `else = "5"` for other words, else an error |
//! | `{ table = "prices", field = "zip" }`, `field = ["state", "kind"]` | by fields of the lead, in a ping; several through tables of tables |
//! | `["payout", { param = "price" }]` | the first of several that there is |
//!
//! **Legs.** `legs = { max = 4, max_per_group = 1 }` beside `bids` makes one bid of the best legs that may be sold together: its
//! price is their sum, its id the ping's. `group` in `bids` says what must not be shared too often. A leg with `exclusive` is a bid
//! of its own.
//!
//! **Texts.** Reasons and names are cut at 200 characters and lose control characters. Ids, echoes and addresses go back to the
//! buyer and stay whole; longer than 2000 bytes, or holding bytes that are no text, they are refused with a note. `exclusive` takes
//! a yes or no, or `{ path = "type", yes = "exclusive" }`; `expires_seconds` a number, at most a day; `expires_at` a moment with its
//! offset, or seconds since 1970.
//!
//! # Steps
//!
//! ```toml
//! [login]                                # before everything, once for all calls with the same credentials
//! timeout_ms = 2000                      # any step may have its own
//! [login.request]                        # knows parameters and {now}
//! url = "{param.base_url}/oauth/token"
//! format = "form"
//! body = { grant_type = "client_credentials", client_id = "{param.client}", client_secret = "{param.secret}" }
//! [login.answer]
//! format = "json"
//! keep = { token = "access_token" }      # what later steps may say: {login.token}
//! expires_seconds = "expires_in"         # where the answer says it, or a number; ten minutes if left out
//!
//! [pre_ping.request]                     # before each ping, with the lead as the ping sees it
//! [pre_ping.answer]                      # rules: ok, no_bid, duplicate, error
//! [completion.request]                   # after an accepted post, with the whole lead; its verdict is the post's
//! [completion.answer]                    # as a post's
//! [poll]                                 # after a queued post
//! every_seconds = 30
//! for_seconds = 3600
//! [poll.request]
//! url = "{param.base_url}/queue/{post.queue}"
//! [poll.answer]                          # as a post's
//! [win.request]                          # notices: {result}, {winning_price}
//! [loss.request]                         # their answers may be left out: a 2xx will do
//! ```
//!
//! `keep` is a key of every answer but a notice's; its values are readers as anywhere in an answer, and what they find
//! goes whole into headers, bodies, queries and paths of later steps, encoded for the place. `again_when` is a condition
//! under which a step's answer says that the login it showed is over; left out, it is a 401. Of a login and a `pre_ping`
//! the rules may be left out: then a 2xx is `ok`; either way whatever is to be kept must be there. Steps after the post and
//! notices see no lead field; a login sees nothing of one lead.
//!
//! # Examples
//!
//! ```toml
//! [[examples.ping]]                      # or examples.post, with bid = { id = "…", price = "12.50", echo = { … } }
//! name = "an insured driver"
//! params = { base_url = "https://buyer.example", key = "k" }
//! fields = { zip = "60601", currently_insured = true, dob = 1985-01-02, drivers = [{ gender = "female" }] }
//! test = false                           # source and now may be given too; now is 2026-03-01T12:00:00Z
//! expect = { method = "POST", url = "…", headers = { x = "y" }, body = "…" }   # or error = "part of the message"
//!
//! [[examples.ping_answer]]               # or examples.post_answer
//! name = "an offer"
//! status = 200                           # headers, params and fields of the lead may be given too
//! body = '{"status": "ok", "payout": 12.5}'
//! expect = { outcome = "bid", price = "12.50", bids = [{ price = "12.50", legs = [{ id = "7" }] }] }
//! ```
//!
//! Each step has its own: `examples.login`, `examples.login_answer` and so on. A request may be given what was kept before it,
//! `kept = { login = { token = "t" } }`, what is asked, `ask = { floor = "10" }`, and a notice a `winning_price`. An answer
//! may expect `kept = { token = "t" }`.
//!
//! Only what is expected is compared; `"none"` expects an absence, JSON bodies compare as JSON. The ids of examples end in
//! `…11` for the ping and `…22` for the attempt, and the wait is 600 ms.

pub mod answer;
mod asked;
mod body;
pub mod book;
pub mod call;
mod delivery;
pub mod describe;
mod discreet;
pub mod draft;
pub mod example;
mod file;
mod format;
pub mod integration;
pub mod kept;
pub mod mask;
pub mod outgoing;
pub mod param;
pub mod problem;
mod read;
pub mod rehearsal;
mod render;
pub mod request;
pub mod schema;
pub mod step;
mod steps;
mod table;
mod template;
pub mod webhook;

pub use answer::{PingOutcome, PingReading, PostOutcome, PostReading, RawAnswer, StepOutcome, StepReading};
pub use asked::Asked;
pub use call::{Ask, LoginCall, Notice, NoticeCall, PingCall, PollCall, PostCall, RenderError};
pub use example::{Example, ExampleOutcome};
pub use integration::{Integration, SCHEMA};
pub use kept::Kept;
pub use mask::Mask;
pub use outgoing::{DropOff, DropPlace, FileName, Item, Login, Mail, Outgoing, SftpPlace};
pub use param::{LoginKey, ParamDef, ParamKind, Params};
pub use problem::Problem;
pub use rehearsal::Rehearsal;
pub use request::{Method, Request};
pub use step::StepName;
pub use steps::{Carried, PollTimes};
