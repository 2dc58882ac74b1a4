//! The metrics, in the text that a Prometheus server scrapes.

use std::time::Duration;

use detached::{Metrics, Supervisor, background};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tokio::time::sleep;

#[derive(Clone, Copy)]
enum End {
    Complete,
    Fail,
    Panic,
    Wait,
}

#[background(timeout = "5s", limit = 1, overflow = "wait", queue = 2)]
async fn work(end: End) -> Result<(), &'static str> {
    sleep(Duration::from_millis(500)).await;
    match end {
        End::Complete => Ok(()),
        End::Fail => Err("no"),
        End::Panic => panic!("no"),
        End::Wait => std::future::pending().await,
    }
}

fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().set_buckets(&[0.25, 1.0]).unwrap().build_recorder()
}

/// The lines of one metric, without its name and the labels that all of them have.
fn lines(text: &str, metric: &str) -> Vec<String> {
    let labels = "task=\"work\",module=\"metrics\"";
    let lines = text.lines().filter_map(|line| line.strip_prefix(metric)).filter(|line| line.contains(labels));
    let mut lines: Vec<_> = lines.map(|line| line.replace(labels, "").replace("{,", "{").replace("{}", "")).collect();
    lines.sort();
    lines
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_counted_by_function() {
    let recorder = recorder();
    let _set = metrics::set_default_local_recorder(&recorder);
    let supervisor = Supervisor::builder().observer(Metrics::new()).build();
    supervisor
        .scope(async {
            work(End::Complete).await.unwrap().unwrap();
            work(End::Complete).await.unwrap().unwrap();
            work(End::Fail).await.unwrap().unwrap_err();
            work(End::Panic).await.unwrap_err();
            work(End::Wait).await.unwrap_err();
            let cancelled = work(End::Wait);
            cancelled.cancel("test");
            cancelled.await.unwrap_err();
            let (_runs, _waits, _waits_too) = (work(End::Complete), work(End::Complete), work(End::Complete));
            work(End::Complete).await.unwrap_err();
        })
        .await;
    supervisor.idle().await;

    let text = recorder.handle().render();
    assert_eq!(
        lines(&text, "detached_tasks_total"),
        [
            "{outcome=\"cancelled\"} 1",
            "{outcome=\"completed\"} 5",
            "{outcome=\"failed\"} 1",
            "{outcome=\"panicked\"} 1",
            "{outcome=\"rejected\"} 1",
            "{outcome=\"timed_out\"} 1",
        ]
    );
    assert_eq!(lines(&text, "detached_tasks_waiting"), [" 0"]);
    assert_eq!(lines(&text, "detached_tasks_running"), [" 0"]);
    assert_eq!(
        lines(&text, "detached_task_run_duration_seconds"),
        [
            "_bucket{le=\"+Inf\"} 8",
            "_bucket{le=\"0.25\"} 0",
            "_bucket{le=\"1\"} 7",
            "_count 8", // all but the rejected and the cancelled one, which never started
            "_sum 8.5",
        ]
    );
    // Of the last three one started at once, one after 0.5 s and one after 1 s.
    assert_eq!(
        lines(&text, "detached_task_wait_duration_seconds"),
        ["_bucket{le=\"+Inf\"} 8", "_bucket{le=\"0.25\"} 6", "_bucket{le=\"1\"} 8", "_count 8", "_sum 1.5"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_gauges_show_what_waits_and_what_runs() {
    let recorder = recorder();
    let _set = metrics::set_default_local_recorder(&recorder);
    let supervisor = Supervisor::builder().observer(Metrics::new()).build();
    let gauges = || {
        let text = recorder.handle().render();
        (lines(&text, "detached_tasks_waiting"), lines(&text, "detached_tasks_running"))
    };
    let tasks = supervisor.scope(async { [work(End::Wait), work(End::Complete)] }).await;
    assert_eq!(gauges(), (vec![" 2".to_owned()], vec![]));
    tokio::task::yield_now().await;
    assert_eq!(gauges(), (vec![" 1".to_owned()], vec![" 1".to_owned()]));
    tasks[1].cancel("test");
    tokio::task::yield_now().await;
    assert_eq!(gauges(), (vec![" 0".to_owned()], vec![" 1".to_owned()]));
    drop(tasks);
    supervisor.idle().await;
    assert_eq!(gauges(), (vec![" 0".to_owned()], vec![" 0".to_owned()]));
}

#[tokio::test]
async fn each_metric_says_what_it_is() {
    let recorder = recorder();
    let _set = metrics::set_default_local_recorder(&recorder);
    let supervisor = Supervisor::builder().observer(Metrics::new()).build();
    supervisor.scope(async { work(End::Complete) }).await.cancel("test");
    supervisor.idle().await;
    let text = recorder.handle().render();
    for line in [
        "# HELP detached_tasks_total Calls of background functions that have their outcome.",
        "# TYPE detached_tasks_total counter",
        "# TYPE detached_tasks_waiting gauge",
    ] {
        assert!(text.lines().any(|held| held == line), "{line} in {text}");
    }
}
