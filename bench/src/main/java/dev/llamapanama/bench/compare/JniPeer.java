package dev.llamapanama.bench.compare;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * The JNI binding {@code de.kherud:llama}, in a JVM like this one. Its measuring program is among the tests, so that
 * nothing that is shipped depends on it.
 */
record JniPeer() implements Contender {
    private static final String MAIN = "dev.llamapanama.bench.compare.jni.JniPeerMain";

    /** How to get it on the class path. */
    static final String REMEDY =
            "--jni-peer needs the tests' class path: mvn -pl bench -am test-compile, then mvn -pl bench"
                    + " exec:java -Dexec.classpathScope=test -Dexec.args=\"compare --jni-peer ...\"";

    /** Whether it is on the class path. */
    static boolean isThere() {
        ClassLoader loader = JniPeer.class.getClassLoader();
        return loader.getResource(MAIN.replace('.', '/') + ".class") != null
                && loader.getResource("de/kherud/llama/LlamaModel.class") != null;
    }

    @Override
    public String name() {
        return "JNI peer";
    }

    @Override
    public String description() {
        return "de.kherud:llama 4.2.0 (llama.cpp b4916, AVX2), this JVM with its options; a prompt's speed is its tokens by"
                + " the time to the first token, generation's the tokens after the first by the time between the first and the"
                + " last; both include sampling (top-k 1) and text, which the others leave out; prompt cache off; flash"
                + " attention auto is off";
    }

    /** It cannot be told to start a prompt at a depth. */
    @Override
    public boolean supports(CompareTest test) {
        return !test.parallel() && (test.prompt() == 0 || test.depth() == 0);
    }

    @Override
    public Measured measure(Workload workload) throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "--model",
                workload.model().toString(),
                "--prompt",
                String.valueOf(workload.test().prompt()),
                "--gen",
                String.valueOf(workload.test().gen()),
                "--depth",
                String.valueOf(workload.test().depth()),
                "--threads",
                String.valueOf(workload.threads()),
                "--batch",
                String.valueOf(workload.batch()),
                "--ubatch",
                String.valueOf(workload.ubatch()),
                "--kv-type",
                workload.kvTypeName(),
                "--flash-attention",
                workload.flashAttentionName(),
                "--repetitions",
                String.valueOf(workload.samples()));
        List<String> command = ChildProcess.java(List.of(), MAIN, arguments);
        return Speeds.ofBench(name(), workload, ChildProcess.run(name(), command, Map.of()));
    }
}
