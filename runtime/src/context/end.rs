//! The end that those below a context and those who wait for it hear of.

use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

/// Whether it has come, and who is to hear of it. Whoever is the first has the token made: most contexts end unheard.
#[derive(Default)]
pub(super) struct End {
    /// `None` inside: it came before anybody listened. Whichever of the two is the first to write is the one that both see.
    token: OnceLock<Option<CancellationToken>>,
}

impl End {
    /// One that comes by itself, or with this one.
    pub(super) fn child(&self) -> Self {
        Self { token: OnceLock::from(self.token().map(CancellationToken::child_token)) }
    }

    pub(super) fn come(&self) {
        if let Some(token) = self.token.get_or_init(|| None) {
            token.cancel();
        }
    }

    pub(super) fn has_come(&self) -> bool {
        self.token.get().is_some_and(|token| token.as_ref().is_none_or(CancellationToken::is_cancelled))
    }

    /// To be waited for with [`Waiting`](crate::waiting::Waiting).
    pub(super) async fn comes(&self) {
        if let Some(token) = self.token() {
            token.cancelled().await;
        }
    }

    /// `None` when it has come and needs none.
    fn token(&self) -> Option<&CancellationToken> {
        self.token.get_or_init(|| Some(CancellationToken::new())).as_ref()
    }
}
