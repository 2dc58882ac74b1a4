//! The service in tonic: gRPC's health protocol, of which the one method answers once and the other with a stream.
//!
//! What a call is to do is in the name of the service whose health is asked for.

use detached::Stopping;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::stage::{Stage, context_layer};

/// By a server with settings of the test's: those are layers of tonic's own, above all others.
pub async fn serve(server: Server, listener: TcpListener, stage: Stage, stopping: Stopping) {
    server
        .layer(context_layer())
        .add_service(HealthServer::new(Answers(stage)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopping)
        .await
        .unwrap();
}

struct Answers(Stage);

#[tonic::async_trait]
impl Health for Answers {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.0.begin();
        match &*request.get_ref().service {
            "well" => Ok(Response::new(well())),
            "slow" => {
                self.0.step().await;
                Ok(Response::new(well()))
            }
            "panic" => {
                self.0.step().await;
                panic!("as told");
            }
            other => Err(Status::not_found(other)),
        }
    }

    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        self.0.begin();
        let end = match &*request.get_ref().service {
            "well" => Ok(()),
            other => Err(std::io::Error::other(other.to_owned())),
        };
        let frames = self.0.frames(end);
        let frames = frames.map(|frame| frame.map(|_| well()).map_err(|error| Status::unavailable(error.to_string())));
        Ok(Response::new(frames.boxed()))
    }
}

fn well() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving.into() }
}
