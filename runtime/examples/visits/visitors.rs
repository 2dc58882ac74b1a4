//! The visitors: each user opens its own profile, and every third one leaves before the page is there.

use reqwest::Client;
use tokio::task::JoinSet;

use crate::context::USER_HEADER;
use crate::server::Site;
use crate::user::UserId;

/// One request by each user, all at once. Returns how many were sent.
pub(crate) async fn visit_all(site: &Site) -> reqwest::Result<usize> {
    // A socket for each request: to abandon one request closes the socket of that one only.
    let client = Client::builder().pool_max_idle_per_host(0).build()?;

    let mut visits = JoinSet::new();
    for user in UserId::all() {
        let request =
            client.get(format!("http://{}/profile/{}", site.address, user.0)).header(USER_HEADER, user.0).send();
        let traffic = site.traffic.clone();
        visits.spawn(async move {
            if leaves_early(user) {
                tokio::select! {
                    answer = request => answer.map(drop),
                    // The request is dropped here, and with it its socket closes.
                    () = traffic.arrival(user) => Ok(()),
                }
            } else {
                request.await?.error_for_status().map(drop)
            }
        });
    }

    let sent = visits.len();
    for visit in visits.join_all().await {
        visit?;
    }
    Ok(sent)
}

/// One request by one user, who waits for the answer.
pub(crate) async fn post(site: &Site, user: UserId, path: &str) -> reqwest::Result<()> {
    let request = Client::new().post(format!("http://{}{path}", site.address)).header(USER_HEADER, user.0);
    request.send().await?.error_for_status().map(drop)
}

fn leaves_early(user: UserId) -> bool {
    user.0 % 3 == 0
}
