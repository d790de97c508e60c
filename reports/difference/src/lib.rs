//! Two reports compared by meaning.
