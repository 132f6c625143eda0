"""What the benches share: the peers' inputs, how a program is run and measured, how the result is printed."""
