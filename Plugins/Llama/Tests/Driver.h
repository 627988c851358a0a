// The driver's tests, by file. Each runs real prompts on a real model through the .so.
#pragma once

#include "Check.h"
#include "TestHost.h"

void test_answers(TestHost &host);                                   // DriverAnswers.cpp
void test_cache(TestHost &host);                                     // DriverCache.cpp
void test_counts(TestHost &host);                                    // DriverCount.cpp
void test_control(TestHost &host);                                   // DriverControl.cpp
void test_overload_and_stop(const std::string &library, const std::string &model); // DriverControl.cpp
void test_embeddings(TestHost &host, const std::string &references);                // DriverEmbeddings.cpp
void test_embeddings_of_answers(TestHost &host);                                   // DriverEmbeddings.cpp
void test_hostile_texts(TestHost &host);                                           // DriverHostile.cpp
void test_vocabulary_with_gaps(const std::string &library, const std::string &model); // DriverHostile.cpp
void bench_embeddings(const std::string &library, const std::string &model, const std::string &threads, const std::string &batch);
void test_configuration(const std::string &library, const std::string &model);     // Driver.cpp

inline common_json user(const std::string &words) { return common_json{{"role", "user"}, {"content", words}}; }
inline common_json assistant(const std::string &words) { return common_json{{"role", "assistant"}, {"content", words}}; }
