//! What can be listed in `inherit` besides names and keys: a `tokio::task_local!`, and a carrier of one's own.

use std::cell::RefCell;
use std::sync::Arc;

use detached::{Capture, Context, Inherit, OutcomeKind, Reason, Task, TaskError, ValueError, background};
use detached_tests::witness::{Seen, Witness};
use tokio::task::{LocalKey, yield_now};

tokio::task_local! {
    static REQUEST_ID: u32;
    static LOCALE: &'static str;
}

#[background(timeout = "1h", inherit = [REQUEST_ID, LOCALE?])]
async fn look() -> (u32, Option<&'static str>) {
    // On a later poll too.
    yield_now().await;
    (REQUEST_ID.get(), LOCALE.try_with(|locale| *locale).ok())
}

#[tokio::test(start_paused = true)]
async fn a_task_local_is_carried_as_it_was_at_the_call() {
    let task = REQUEST_ID.scope(7, LOCALE.scope("fr", async { look() })).await;
    assert_eq!(task.await, Ok((7, Some("fr"))));
}

#[tokio::test(start_paused = true)]
async fn an_optional_task_local_may_be_unset_and_a_required_one_may_not() {
    assert_eq!(REQUEST_ID.scope(7, async { look().await }).await, Ok((7, None)));

    let unset = LOCALE.scope("fr", async { look().await }).await;
    assert_eq!(unset, Err(TaskError::Rejected(Reason::MissingValue { name: "REQUEST_ID" })));
}

#[tokio::test(start_paused = true)]
async fn a_task_local_is_found_by_what_the_body_drops() {
    struct Ends(tokio::sync::mpsc::UnboundedSender<Option<u32>>);
    impl Drop for Ends {
        fn drop(&mut self) {
            let _ = self.0.send(REQUEST_ID.try_with(|id| *id).ok());
        }
    }

    #[background(timeout = "1h", inherit = [REQUEST_ID])]
    async fn wait(_ends: Ends) {
        std::future::pending().await
    }

    let (dropped, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let task = REQUEST_ID.scope(7, async { wait(Ends(dropped)) }).await;
    yield_now().await;
    task.cancel("the end of the test");
    assert!(task.await.is_err());
    assert_eq!(seen.recv().await, Some(Some(7)));
}

#[tokio::test(start_paused = true)]
async fn a_name_is_a_carrier_too() {
    static USER: &str = "user_id";

    #[background(timeout = "1h", inherit = [USER])]
    async fn names() -> Vec<&'static str> {
        Context::current().names()
    }

    let request = Context::new().with("user_id", 7).with("tenant", "acme");
    assert_eq!(request.scope(async { names().await }).await, Ok(vec!["user_id"]));
    assert_eq!(names().await, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));
}

thread_local! {
    /// As another library's thread-bound state is: an error tracker's hub.
    static HUB: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Carries the hub: puts the captured one in place around each poll.
struct HubCarrier;

static HUB_OF_CALLER: HubCarrier = HubCarrier;

fn hub() -> Option<String> {
    HUB.with_borrow(Clone::clone)
}

impl Inherit for HubCarrier {
    type Captured = String;

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<String>, ValueError> {
        Ok(hub())
    }

    fn enter<R>(&'static self, captured: &String, run: impl FnOnce() -> R) -> R {
        struct Restore(Option<String>);
        impl Drop for Restore {
            fn drop(&mut self) {
                HUB.set(self.0.take());
            }
        }
        let _restore = Restore(HUB.replace(Some(captured.clone())));
        run()
    }
}

#[tokio::test(start_paused = true)]
async fn a_carrier_of_ones_own_is_captured_at_the_call_and_entered_at_each_poll() {
    #[background(timeout = "1h", inherit = [HUB_OF_CALLER])]
    async fn look_twice() -> [Option<String>; 2] {
        let first = hub();
        yield_now().await;
        [first, hub()]
    }

    let tasks = ["one", "two"].map(|name| {
        HUB.set(Some(name.to_owned()));
        look_twice()
    });
    HUB.set(None);

    let [one, two] = tasks;
    assert_eq!(one.await, Ok([Some("one".to_owned()), Some("one".to_owned())]));
    assert_eq!(two.await, Ok([Some("two".to_owned()), Some("two".to_owned())]));
    assert_eq!(hub(), None, "nothing is left on the thread");
    assert_eq!(look_twice().await, Err(TaskError::Rejected(Reason::MissingValue { name: "HUB_OF_CALLER" })));
}

/// Carries a value of the context under a name of its own, which makes it visible in the task's context.
struct UserCarrier;

static USER_OF_CALLER: UserCarrier = UserCarrier;

impl Inherit for UserCarrier {
    type Captured = bool;

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        each("user_id");
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<bool>, ValueError> {
        let is_known = call.carry("user_id");
        assert_eq!(is_known, call.origin().is_some_and(|origin| origin.names().contains(&"user_id")));
        Ok(is_known.then_some(true))
    }

    fn enter<R>(&'static self, _: &bool, run: impl FnOnce() -> R) -> R {
        run()
    }
}

#[tokio::test(start_paused = true)]
async fn a_carrier_can_carry_values_of_the_context() {
    #[background(timeout = "1h", inherit = [USER_OF_CALLER])]
    async fn user() -> Result<u32, ValueError> {
        Context::current().get("user_id")
    }

    assert_eq!(Context::new().with("user_id", 7_u32).scope(async { user().await }).await, Ok(Ok(7)));
    assert_eq!(user().await, Err(TaskError::Rejected(Reason::MissingValue { name: "user_id" })));
}

/// PanicsIn in one of its steps.
#[derive(Clone, Copy, PartialEq)]
enum PanicsIn {
    Names,
    Capture,
    Enter,
    Leave,
}

static IN_NAMES: PanicsIn = PanicsIn::Names;
static IN_CAPTURE: PanicsIn = PanicsIn::Capture;
static AT_THE_ENTRY: PanicsIn = PanicsIn::Enter;
static AT_THE_EXIT: PanicsIn = PanicsIn::Leave;

impl Inherit for PanicsIn {
    type Captured = ();

    fn names(&'static self, _: &mut dyn FnMut(&'static str)) {
        assert!(*self != Self::Names, "in the names");
    }

    fn capture(&'static self, _: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        assert!(*self != Self::Capture, "in the capture");
        Ok(Some(()))
    }

    fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
        assert!(*self != Self::Enter, "at the entry");
        let left = run();
        assert!(*self != Self::Leave, "at the exit");
        left
    }
}

#[tokio::test(start_paused = true)]
async fn a_carriers_panic_never_reaches_the_caller() {
    #[background(timeout = "1h", inherit = [IN_NAMES])]
    async fn names() {}
    #[background(timeout = "1h", inherit = [IN_CAPTURE?])]
    async fn capture() {}

    assert_eq!(names().await, Err(TaskError::Rejected(Reason::CarrierPanicked)));
    assert_eq!(capture().await, Err(TaskError::Rejected(Reason::CarrierPanicked)));
    let built = detached::task("built").no_timeout().inherit(&IN_NAMES).spawn(async {});
    assert_eq!(built.await, Err(TaskError::Rejected(Reason::CarrierPanicked)));
}

#[tokio::test(start_paused = true)]
async fn a_carriers_panic_in_the_task_is_its_outcome_and_starves_nobody() {
    #[background(timeout = "1h", inherit = [AT_THE_ENTRY])]
    async fn enter(held: Arc<()>) {
        let _ = held;
    }
    #[background(timeout = "1h", inherit = [AT_THE_EXIT])]
    async fn leave(held: Arc<()>) {
        let _ = held;
    }

    let witness = Witness::new();
    let held = Arc::new(());
    for call in [enter, leave] {
        let task = witness.supervisor.scope(async { call(Arc::clone(&held)) }).await;
        assert_eq!(task.await, Err(TaskError::Panicked));
        assert_eq!(Arc::strong_count(&held), 1, "the body is dropped all the same");
    }
    let end = |name| [Seen::Start(name), Seen::End(name, OutcomeKind::Panicked)];
    assert_eq!(witness.seen(), [end("enter"), end("leave")].concat());
    assert_eq!(witness.check().panicked, 2);
}

#[tokio::test(start_paused = true)]
async fn a_clone_that_panics_at_the_call_never_reaches_the_caller() {
    #[derive(Debug)]
    struct Uncopied;
    impl Clone for Uncopied {
        fn clone(&self) -> Self {
            panic!("in the clone")
        }
    }
    tokio::task_local! { static UNCOPIED: Uncopied; }

    #[background(timeout = "1h", inherit = [UNCOPIED])]
    async fn by_task_local() {}
    #[background(timeout = "1h")]
    async fn by_parameter(#[inherit] value: Uncopied) {
        let _ = value;
    }
    #[background(timeout = "1h", inherit = ["value"])]
    async fn by_name() {}

    let call = UNCOPIED.scope(Uncopied, async { by_task_local().await }).await;
    assert_eq!(call, Err(TaskError::Rejected(Reason::CarrierPanicked)));
    let request = Context::new().with("value", Uncopied);
    assert_eq!(request.scope(async { by_parameter().await }).await, Err(TaskError::Rejected(Reason::CarrierPanicked)));
    assert_eq!(request.scope(async { by_name().await }).await, Ok(()), "a snapshot shares values, it clones none");
}

#[tokio::test(start_paused = true)]
async fn drops_that_panic_of_what_carriers_captured_hurt_nobody() {
    struct PanicsInDrop {
        is_copy: bool,
    }
    impl Clone for PanicsInDrop {
        fn clone(&self) -> Self {
            Self { is_copy: true }
        }
    }
    impl Drop for PanicsInDrop {
        fn drop(&mut self) {
            assert!(!self.is_copy, "in the drop of a copy");
        }
    }
    tokio::task_local! {
        static FIRST: PanicsInDrop;
        static SECOND: PanicsInDrop;
    }
    static BOTH: (&LocalKey<PanicsInDrop>, &LocalKey<PanicsInDrop>) = (&FIRST, &SECOND);

    #[background(timeout = "1h", inherit = [BOTH, FIRST, SECOND])]
    async fn run() {}
    #[background(timeout = "1h", inherit = [BOTH, FIRST, SECOND, "absent"])]
    async fn rejected() {}

    let witness = Witness::new();
    let original = || PanicsInDrop { is_copy: false };
    let call = |call: fn() -> Task<()>| FIRST.sync_scope(original(), || SECOND.sync_scope(original(), call));
    assert_eq!(witness.supervisor.scope(async { call(run) }).await.await, Ok(()));
    assert!(witness.supervisor.scope(async { call(rejected) }).await.await.is_err());
    let counts = witness.check();
    assert_eq!((counts.completed, counts.rejected, counts.live()), (1, 1, 0));
}
