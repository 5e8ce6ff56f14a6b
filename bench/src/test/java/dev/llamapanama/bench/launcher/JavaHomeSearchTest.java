package dev.llamapanama.bench.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaHomeSearchTest {
    @TempDir
    private Path root;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void mavenRunsOnJava17() throws IOException {
        properties.put("java.home", home("usr/lib/jvm/java-17", "17.0.15").toString());
        properties.put("java.version", "17.0.15");
        properties.put("user.home", root.resolve("home").toString());
    }

    @Test
    void takesTheNewestOfAllPlaces() throws IOException {
        home("usr/lib/jvm/java-21", "21.0.2");
        home("usr/lib/jvm/java-22", "22");
        Path newest = home("home/.jdks/temurin-25.0.10", "25.0.10");
        home("home/.sdkman/candidates/java/25.0.9-tem", "25.0.9");

        assertThat(search().find().path()).isEqualTo(newest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "usr/lib/jvm/x",
                "opt/java",
                "opt/java-25",
                "opt/jdk-25",
                "opt/java/25",
                "home/.sdkman/candidates/java/25",
                "home/.jdks/x"
            })
    void looksWhereJdksLie(String folder) throws IOException {
        Path home = home(folder, "25.0.3");

        assertThat(search().find().path()).isEqualTo(home);
    }

    @ParameterizedTest
    @ValueSource(strings = {"toolchains.xml", "discovered-jdk-toolchains-cache.xml"})
    void readsMavensToolchains(String file) throws IOException {
        Path home = home("elsewhere/jdk", "24.0.1");
        Files.createDirectories(root.resolve("home/.m2"));
        Files.writeString(root.resolve("home/.m2/" + file), """
                <toolchains><toolchain><type>jdk</type><configuration>
                  <jdkHome>%s</jdkHome>
                </configuration></toolchain><toolchain><type>jdk</type><configuration>
                  <jdkHome> %s </jdkHome>
                </configuration></toolchain></toolchains>
                """.formatted(root.resolve("gone"), home));

        assertThat(search().find().path()).isEqualTo(home);
    }

    @Test
    void theRuntimeItRunsOnComesBeforeOthers() throws IOException {
        Path own = home("own", "22.0.1");
        properties.put("java.home", own.toString());
        home("usr/lib/jvm/java-25", "25");

        assertThat(search().find().path()).isEqualTo(own);
    }

    @Test
    void javaHomeComesBeforeTheNewest() throws IOException {
        Path chosen = home("chosen", "22.0.1");
        environment.put("JAVA_HOME", chosen.toString());
        home("usr/lib/jvm/java-25", "25");

        assertThat(search().find().path()).isEqualTo(chosen);
    }

    @Test
    void anOldJavaHomeIsPassedOver() throws IOException {
        environment.put("JAVA_HOME", root.resolve("usr/lib/jvm/java-17").toString());
        Path newer = home("usr/lib/jvm/java-25", "25");

        assertThat(search().find().path()).isEqualTo(newer);
    }

    @Test
    void thePropertyComesFirst() throws IOException {
        Path chosen = home("chosen", "23");
        properties.put(JavaHomeSearch.PROPERTY, chosen.toString());
        environment.put("JAVA_HOME", home("other", "25").toString());

        assertThat(search().find().path()).isEqualTo(chosen);
    }

    @Test
    void aPropertyThatNamesAnOldJdkIsAnError() {
        properties.put(
                JavaHomeSearch.PROPERTY, root.resolve("usr/lib/jvm/java-17").toString());

        assertThatThrownBy(search()::find)
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("is Java 17.0.15")
                .hasMessageContaining("22 or newer");
    }

    @Test
    void aPropertyThatNamesNoJdkIsAnError() {
        properties.put(JavaHomeSearch.PROPERTY, root.resolve("nothing").toString());

        assertThatThrownBy(search()::find)
                .isInstanceOf(LauncherException.class)
                .hasMessageContaining("not the home of a JDK");
    }

    @Test
    void saysWhatToInstallWhenThereIsNone() throws IOException {
        home("usr/lib/jvm/java-21", "21.0.2");
        Files.createDirectories(root.resolve("opt/jdk-without-release/bin"));
        Files.createDirectories(root.resolve("opt/jdk-8"));
        Files.writeString(root.resolve("opt/jdk-8/release"), "JAVA_VERSION=\"1.8.0_402\"\n");

        assertThatThrownBy(search()::find)
                .isInstanceOf(LauncherException.class)
                .hasMessage(
                        "llamapanama runs on JDK 22 or newer, and none was found (this is Java 17.0.15). Install one, for example the"
                                + " package openjdk-25-jdk, or name its home with -Dllamapanama.java.home=DIR.");
    }

    private JavaHomeSearch search() {
        return new JavaHomeSearch(properties, environment, root);
    }

    private Path home(String folder, String version) throws IOException {
        Path home = root.resolve(folder);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\n");
        assertThat(home.resolve("bin/java").toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }
}
