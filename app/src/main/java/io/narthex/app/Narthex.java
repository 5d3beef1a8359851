package io.narthex.app;

/** Starts a role. */
public final class Narthex {

  private Narthex() {}

  public static void main(String[] args) {
    System.out.println("narthex");
  }
}
