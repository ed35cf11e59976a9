//! The actions of flows, one file each, in a typed table that also describes their forms.
