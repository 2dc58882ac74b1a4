//! Background work that outlives its request.
