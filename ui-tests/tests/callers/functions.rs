//! Functions of right and wrong parts.

use crate::random::Random;

/// One function, with one who calls it.
pub struct Function {
    attribute: String,
    others: &'static str,
    kind: &'static str,
    name: &'static str,
    generics: &'static str,
    /// Of a method: itself, and what stands before the dot.
    receiver: Option<(&'static str, &'static str)>,
    parameters: Vec<String>,
    arguments: Vec<&'static str>,
    returned: &'static str,
    body: &'static str,
}

impl Function {
    pub fn new(random: &mut Random) -> Self {
        let (mut parameters, mut arguments) = (Vec::new(), Vec::new());
        for index in 0..random.below(5) {
            let (written, argument) = random.one_of(PARAMETERS);
            parameters.push(written.replace("NAME", &format!("name_{}", if random.is_one_in(20) { 0 } else { index })));
            arguments.extend(argument);
        }
        Self {
            attribute: attribute(random),
            others: random.one_of(OTHERS),
            kind: random.one_of(KINDS),
            name: random.one_of(NAMES),
            generics: random.one_of(GENERICS),
            receiver: random.is_one_in(3).then(|| random.one_of(RECEIVERS)),
            parameters,
            arguments,
            returned: random.one_of(RETURNED),
            body: random.one_of(BODIES),
        }
    }

    pub fn definition(&self) -> String {
        let Self { attribute, others, kind, name, generics, returned, body, .. } = self;
        let receiver = self.receiver.iter().map(|(receiver, _)| (*receiver).to_owned());
        let inputs: Vec<_> = receiver.chain(self.parameters.iter().cloned()).collect();
        let inputs = inputs.join(", ");
        let function =
            format!("#[background({attribute})] {others} pub {kind} fn {name}{generics}({inputs}) {returned} {body}");
        match self.receiver {
            Some(_) => format!("#[derive(Clone)] pub struct Owner; impl Owner {{ {function} }}"),
            None => function,
        }
    }

    /// Nobody calls `main`.
    pub fn call(&self) -> String {
        if self.name == "main" && self.parameters.is_empty() && self.receiver.is_none() {
            return String::new();
        }
        let (name, arguments) = (self.name, self.arguments.join(", "));
        let call = match self.receiver {
            Some((_, owner)) => format!("{owner}.{name}({arguments})"),
            None => format!("CASE::{name}({arguments})"),
        };
        let is_task = self.kind.contains("async") && !self.attribute.contains("durable");
        let take = if is_task { "task" } else { "drop" };
        format!("fn call() {{ unsafe {{ {take}({call}) }} }}")
    }
}

/// The options, most of them with a bound and with commas.
fn attribute(random: &mut Random) -> String {
    let mut attribute = if random.is_one_in(8) { String::new() } else { random.one_of(TIMEOUTS).to_owned() };
    for _ in 0..random.below(4) {
        let separator = if random.is_one_in(10) { random.one_of(SEPARATORS) } else { ", " };
        let option = random.one_of(OPTIONS);
        // A durable function implements a trait, and where that leads nowhere the compiler looks no further.
        let apart = |one, other| option.contains(one) && attribute.contains(other);
        if apart("crate", "durable") || apart("durable", "crate") {
            continue;
        }
        attribute += separator;
        attribute += option;
    }
    attribute
}

const SEPARATORS: &[&str] = &[" ", "; ", ",, ", " = ", " and "];

const TIMEOUTS: &[&str] = &[
    "timeout = \"5s\"",
    "timeout = \"none\"",
    "timeout = BOUND",
    "timeout = BOUND * 2",
    "timeout = 5",
    "timeout = \"5\"",
    "timeout = None",
    "timeout = MISSING",
    "timeout = LIMIT",
    "timeout = missing()",
    "timeout = name_0",
    "timeout: \"5s\"",
    "timeout",
    "timeout(\"5s\")",
    "timeout is \"5s\"",
    "timeout[\"5s\"]",
    "timeout =",
    "\"5s\"",
    "timout = \"5s\"",
    "timeout = \"5s\" \"6s\"",
    "timeout = BOUND +",
];

const OPTIONS: &[&str] = &[
    "inherit = [\"user_id\"]",
    "inherit = [USER_ID, TEXT?]",
    "inherit = [NUMBER]",
    "inherit = [NOT_COPYABLE]",
    "inherit = [MISSING]",
    "inherit = [LIMIT]",
    "inherit = [user_id]",
    "inherit = [\"*\"]",
    "inherit = [\"user_id\" \"tenant\"]",
    "inherit = \"user_id\"",
    "inherit = user_id, USER_ID?",
    "inherit = [\"user_id\", \"user_id\"]",
    "name = \"visit\"",
    "name = 5",
    "grace = \"1s\"",
    "grace = BOUND",
    "origin = \"follow\"",
    "origin = follow",
    "shutdown = \"cancel\"",
    "shutdown = \"later\"",
    "trace = \"child\"",
    "level = \"warn\"",
    "level = warn",
    "limit = 5",
    "limit = 0",
    "limit = LIMIT",
    "limit = BOUND",
    "limit = name_0",
    "limit = Self::LIMIT",
    "limit = MISSING",
    "limit = { 5 }",
    "overflow = \"wait\"",
    "overflow = \"block\"",
    "queue = 5",
    "start_timeout = \"1s\"",
    "supervisor = Supervisor::global()",
    "supervisor = &Supervisor::new()",
    "supervisor = LIMIT",
    "supervisor = MISSING",
    "supervisor = name_0",
    "crate = ::detached",
    "crate = crate::parts::missing",
    "crate = ::missing",
    "crate = \"detached\"",
    "retries = 3",
    "durable = \"mail\"",
    "durable = mail",
    "attempts = 3",
    "backoff = \"5m..1s\"",
    "alias = [\"a\", 5]",
    "..",
    "[]",
    "=",
    "async",
];

const OTHERS: &[&str] = &[
    "",
    "",
    "",
    "",
    "#[inline]",
    "#[allow(unused)]",
    "#[background(timeout = \"5s\")]",
    "#[cfg(all())]",
    "#[doc = \"It is.\"]",
    "#[async_recursion]",
];

const KINDS: &[&str] = &[
    "async",
    "async",
    "async",
    "async",
    "async",
    "",
    "const",
    "const async",
    "unsafe",
    "async unsafe",
    "async extern \"C\"",
];

const NAMES: &[&str] = &["run", "run", "run", "run", "main", "r#loop", "FUNCTION", "task"];

const GENERICS: &[&str] = &["", "", "", "", "<'a>", "<'a: 'static>"];

const RECEIVERS: &[(&str, &str)] = &[
    ("&self", "CASE::Owner"),
    ("&'static self", "(&CASE::Owner)"),
    ("self", "CASE::Owner"),
    ("mut self", "CASE::Owner"),
    ("&mut self", "CASE::Owner"),
    ("&'static mut self", "Box::leak(Box::new(CASE::Owner))"),
    ("self: Arc<Self>", "Arc::new(CASE::Owner)"),
    ("self: &Arc<Self>", "Arc::new(CASE::Owner)"),
    ("self: Rc<Self>", "Rc::new(CASE::Owner)"),
    ("self: Pin<&mut Self>", "Pin::new(&mut CASE::Owner)"),
    ("self: Pin<Box<Self>>", "Box::pin(CASE::Owner)"),
];

/// A parameter, and the argument for it unless it is filled by somebody else.
const PARAMETERS: &[(&str, Option<&str>)] = &[
    ("NAME: &str", Some("\"page\"")),
    ("NAME: String", Some("String::new()")),
    ("NAME: &'static str", Some("\"page\"")),
    ("NAME: &mut String", Some("&mut String::new()")),
    ("mut NAME: u8", Some("5")),
    ("_: u8", Some("5")),
    ("(_, NAME): (u8, u8)", Some("(1, 2)")),
    ("Db: Db", Some("Db")),
    ("Some(NAME): Option<u8>", Some("None")),
    ("NAME: Option<&str>", Some("None")),
    ("NAME: Vec<&mut u8>", Some("Vec::new()")),
    ("NAME: Cow<'_, str>", Some("Cow::Borrowed(\"page\")")),
    ("NAME: HashMap<&str, Db>", Some("HashMap::new()")),
    ("NAME: &[u8]", Some("&[1]")),
    ("NAME: &dyn Debug", Some("&5")),
    ("NAME: &(dyn Debug + Send + 'static)", Some("&5")),
    ("NAME: &NotCopyable", Some("&NotCopyable")),
    ("NAME: &Db", Some("&Db")),
    ("NAME: Rc<u8>", Some("Rc::new(5)")),
    ("NAME: &Rc<u8>", Some("&Rc::new(5)")),
    ("NAME: MutexGuard<'_, u8>", Some("LOCKED.lock().unwrap()")),
    ("NAME: impl Debug", Some("5")),
    ("NAME: impl Fn(&str) -> usize", Some("str::len")),
    ("NAME: impl Debug + '_", Some("\"page\"")),
    ("NAME: &impl Debug", Some("&5")),
    ("NAME: impl Iterator<Item = &str>", Some("[\"page\"].into_iter()")),
    ("NAME: Box<dyn Fn(&str) + '_>", Some("Box::new(|_| ())")),
    ("NAME: fn(&str) -> &str", Some("str::trim")),
    ("NAME: Missing", Some("todo!()")),
    ("NAME: &Missing", Some("todo!()")),
    ("NAME: Pin<&mut Db>", Some("Pin::new(&mut Db)")),
    ("#[inherit] NAME: u64", None),
    ("#[inherit] NAME: Option<String>", None),
    ("#[inherit] NAME: &u64", None),
    ("#[inherit] (_, NAME): (u8, u8)", None),
    ("#[inherit(USER_ID)] NAME: u64", None),
    ("#[inherit(TEXT)] NAME: u64", None),
    ("#[inherit(MISSING)] NAME: u64", None),
    ("#[inherit(5)] NAME: u64", None),
    ("#[inherit = 5] NAME: u64", None),
    ("#[inherits] NAME: u64", None),
    ("#[inherit] NAME: Missing", None),
    ("#[context] NAME: Context", Some("Context::new()")),
    ("#[context] NAME: &Context", Some("&Context::new()")),
    ("#[context(5)] NAME: Context", Some("Context::new()")),
    ("#[context] NAME: u8", Some("5")),
    ("#[ctx] NAME: Context", Some("Context::new()")),
    ("#[context] #[inherit] NAME: Context", Some("Context::new()")),
    ("#[inherit] #[context] NAME: u8", None),
    ("#[state] NAME: Db", None),
    ("#[state(5)] NAME: &Db", None),
    ("#[allow(unused)] NAME: u8", Some("5")),
    ("#[cfg(any())] NAME: u8", None),
    ("#[unknown] NAME: u8", Some("5")),
];

const RETURNED: &[&str] = &[
    "",
    "",
    "-> u8",
    "-> &str",
    "-> &'static str",
    "-> Cow<'_, str>",
    "-> Result<u8, std::io::Error>",
    "-> Result<u8, Box<dyn Error>>",
    "-> Rc<u8>",
    "-> dyn Debug",
    "-> str",
    "-> [u8]",
    "-> Option<dyn Debug>",
    "-> (u8, Result<std::ffi::OsStr, dyn Error>)",
    "-> impl Debug",
    "-> Option<impl Debug>",
    "-> impl Future<Output = u8>",
    "-> impl Future<Output = Rc<u8>> + Send",
    "-> impl std::future::IntoFuture<Output = u8>",
    "-> Pin<Box<dyn Future<Output = u8>>>",
    "-> BoxFuture<'static, u8>",
    "-> Task<u8>",
    "-> Option<MutexGuard<'_, u8>>",
    "-> Missing",
    "-> Vec<Missing>",
    "-> !",
    "-> _",
    "-> u8 where Db: Clone",
];

const BODIES: &[&str] = &[
    "{}",
    "{ todo!() }",
    "{ 5 }",
    "{ return Ok(5); }",
    "{ missing() }",
    "{ runtime.block_on(async { 5 }) }",
    "{ let number: u8 = \"\"; todo!() }",
    "{ let held = Rc::new(5); std::future::ready(()).await; drop(held); todo!() }",
    "{ std::future::ready(()).await; std::iter::empty::<u8>() }",
    "{ drop(name_0); todo!() }",
    "{ self.missing(); todo!() }",
    "{ Context::current().get(\"user_id\")?; todo!() }",
];
