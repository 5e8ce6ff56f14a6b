package dev.llamapanama.examples.coordinator;

/** Who does a subtask. */
public enum Role {
    /** Finds out. */
    RESEARCHER("You are a researcher. You find out what the others must know, and say where you know it from."),
    /** Writes. */
    CODER("You are a coder. You write the smallest change that does what is asked."),
    /** Tries. */
    TESTER("You are a tester. You write tests that fail if the change is wrong, and say what they show."),
    /** Judges. */
    REVIEWER("You are a reviewer. You look for errors in what the others have done, and say what must change.");

    private final String instructions;

    Role(String instructions) {
        this.instructions = instructions;
    }

    /** What the model is told to be. */
    public String instructions() {
        return instructions;
    }
}
