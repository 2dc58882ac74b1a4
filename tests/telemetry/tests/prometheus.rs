//! What a Prometheus server scrapes, by the real exporter.

use std::time::Duration;

use detached::{Metrics, Supervisor, background};
use detached_tests::guide;
use metrics_exporter_prometheus::PrometheusBuilder;

/// How a task is to end.
enum End {
    Complete,
    Fail,
    Wait,
}

#[background(timeout = "5s", limit = 2, overflow = "wait")]
async fn record_visit(end: End) -> Result<(), &'static str> {
    tokio::time::sleep(Duration::from_millis(250)).await;
    match end {
        End::Complete => Ok(()),
        End::Fail => Err("no"),
        End::Wait => std::future::pending().await,
    }
}

#[tokio::test(start_paused = true)]
async fn the_guide_shows_what_is_scraped() {
    let builder = PrometheusBuilder::new().set_buckets(&[0.1, 1.0]).unwrap();
    let recorder = builder.build_recorder();
    let _set = metrics::set_default_local_recorder(&recorder);
    let supervisor = Supervisor::builder().observer(Metrics::new()).build();
    supervisor
        .scope(async {
            record_visit(End::Complete).await.unwrap().unwrap();
            record_visit(End::Complete).await.unwrap().unwrap();
            record_visit(End::Fail).await.unwrap().unwrap_err();
            drop([End::Wait, End::Wait, End::Wait].map(record_visit));
            tokio::time::sleep(Duration::from_secs(1)).await;
        })
        .await;

    let rendered = recorder.handle().render();
    // The exporter has them in no order.
    let mut metrics: Vec<&str> = rendered.trim().split("\n\n").collect();
    metrics.sort_unstable();
    let lines = metrics.iter().flat_map(|metric| {
        let mut lines: Vec<&str> = metric.lines().collect();
        // Help and type come first, and a histogram's lines are in the order of its buckets.
        if metric.contains("counter") {
            lines[2..].sort_unstable();
        }
        lines
    });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    guide::assert_shows("prometheus", "What is scraped", &text.replace(module_path!(), "my_app"));
}
