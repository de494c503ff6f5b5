/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 17052004bb8d8de358a20aae3f2b4e2270ad0382 */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_rr_embed_handle_request, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, handler, IS_CALLABLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_version, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_RrEmbed_transport, 0, 0, RrEmbed\\Transport, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_available, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_in_worker arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_RrEmbed_mode, 0, 0, RrEmbed\\Mode, 1)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_worker_id, 0, 0, IS_LONG, 1)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_handle_request arginfo_rr_embed_handle_request

#define arginfo_RrEmbed_finish_request arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_send_informational, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, status, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, headers, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_request_headers, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_response_headers arginfo_RrEmbed_request_headers

#define arginfo_RrEmbed_connection_alive arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_recycle, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(rr_embed_handle_request);
ZEND_FUNCTION(RrEmbed_version);
ZEND_FUNCTION(RrEmbed_transport);
ZEND_FUNCTION(RrEmbed_available);
ZEND_FUNCTION(RrEmbed_in_worker);
ZEND_FUNCTION(RrEmbed_mode);
ZEND_FUNCTION(RrEmbed_worker_id);
ZEND_FUNCTION(RrEmbed_handle_request);
ZEND_FUNCTION(RrEmbed_finish_request);
ZEND_FUNCTION(RrEmbed_send_informational);
ZEND_FUNCTION(RrEmbed_request_headers);
ZEND_FUNCTION(RrEmbed_response_headers);
ZEND_FUNCTION(RrEmbed_connection_alive);
ZEND_FUNCTION(RrEmbed_recycle);


static const zend_function_entry ext_functions[] = {
	ZEND_FE(rr_embed_handle_request, arginfo_rr_embed_handle_request)
	ZEND_NS_FALIAS("RrEmbed", version, RrEmbed_version, arginfo_RrEmbed_version)
	ZEND_NS_FALIAS("RrEmbed", transport, RrEmbed_transport, arginfo_RrEmbed_transport)
	ZEND_NS_FALIAS("RrEmbed", available, RrEmbed_available, arginfo_RrEmbed_available)
	ZEND_NS_FALIAS("RrEmbed", in_worker, RrEmbed_in_worker, arginfo_RrEmbed_in_worker)
	ZEND_NS_FALIAS("RrEmbed", mode, RrEmbed_mode, arginfo_RrEmbed_mode)
	ZEND_NS_FALIAS("RrEmbed", worker_id, RrEmbed_worker_id, arginfo_RrEmbed_worker_id)
	ZEND_NS_FALIAS("RrEmbed", handle_request, RrEmbed_handle_request, arginfo_RrEmbed_handle_request)
	ZEND_NS_FALIAS("RrEmbed", finish_request, RrEmbed_finish_request, arginfo_RrEmbed_finish_request)
	ZEND_NS_FALIAS("RrEmbed", send_informational, RrEmbed_send_informational, arginfo_RrEmbed_send_informational)
	ZEND_NS_FALIAS("RrEmbed", request_headers, RrEmbed_request_headers, arginfo_RrEmbed_request_headers)
	ZEND_NS_FALIAS("RrEmbed", response_headers, RrEmbed_response_headers, arginfo_RrEmbed_response_headers)
	ZEND_NS_FALIAS("RrEmbed", connection_alive, RrEmbed_connection_alive, arginfo_RrEmbed_connection_alive)
	ZEND_NS_FALIAS("RrEmbed", recycle, RrEmbed_recycle, arginfo_RrEmbed_recycle)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Transport_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Mode_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Codec_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_LogLevel_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_RrEmbedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_NotInServerException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_InvalidStateException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_UnsupportedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_TransportException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_TimeoutException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_ClientDisconnectedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_ServiceException_methods[] = {
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Transport(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Transport", IS_STRING, class_RrEmbed_Transport_methods);

	zval enum_case_Host_value;
	zend_string *enum_case_Host_value_str = zend_string_init("host", strlen("host"), 1);
	ZVAL_STR(&enum_case_Host_value, enum_case_Host_value_str);
	zend_enum_add_case_cstr(class_entry, "Host", &enum_case_Host_value);

	zval enum_case_Socket_value;
	zend_string *enum_case_Socket_value_str = zend_string_init("socket", strlen("socket"), 1);
	ZVAL_STR(&enum_case_Socket_value, enum_case_Socket_value_str);
	zend_enum_add_case_cstr(class_entry, "Socket", &enum_case_Socket_value);

	zval enum_case_None_value;
	zend_string *enum_case_None_value_str = zend_string_init("none", strlen("none"), 1);
	ZVAL_STR(&enum_case_None_value, enum_case_None_value_str);
	zend_enum_add_case_cstr(class_entry, "None", &enum_case_None_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Mode(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Mode", IS_STRING, class_RrEmbed_Mode_methods);

	zval enum_case_Http_value;
	zend_string *enum_case_Http_value_str = zend_string_init("http", strlen("http"), 1);
	ZVAL_STR(&enum_case_Http_value, enum_case_Http_value_str);
	zend_enum_add_case_cstr(class_entry, "Http", &enum_case_Http_value);

	zval enum_case_Jobs_value;
	zend_string *enum_case_Jobs_value_str = zend_string_init("jobs", strlen("jobs"), 1);
	ZVAL_STR(&enum_case_Jobs_value, enum_case_Jobs_value_str);
	zend_enum_add_case_cstr(class_entry, "Jobs", &enum_case_Jobs_value);

	zval enum_case_Grpc_value;
	zend_string *enum_case_Grpc_value_str = zend_string_init("grpc", strlen("grpc"), 1);
	ZVAL_STR(&enum_case_Grpc_value, enum_case_Grpc_value_str);
	zend_enum_add_case_cstr(class_entry, "Grpc", &enum_case_Grpc_value);

	zval enum_case_Tcp_value;
	zend_string *enum_case_Tcp_value_str = zend_string_init("tcp", strlen("tcp"), 1);
	ZVAL_STR(&enum_case_Tcp_value, enum_case_Tcp_value_str);
	zend_enum_add_case_cstr(class_entry, "Tcp", &enum_case_Tcp_value);

	zval enum_case_Centrifuge_value;
	zend_string *enum_case_Centrifuge_value_str = zend_string_init("centrifuge", strlen("centrifuge"), 1);
	ZVAL_STR(&enum_case_Centrifuge_value, enum_case_Centrifuge_value_str);
	zend_enum_add_case_cstr(class_entry, "Centrifuge", &enum_case_Centrifuge_value);

	zval enum_case_Temporal_value;
	zend_string *enum_case_Temporal_value_str = zend_string_init("temporal", strlen("temporal"), 1);
	ZVAL_STR(&enum_case_Temporal_value, enum_case_Temporal_value_str);
	zend_enum_add_case_cstr(class_entry, "Temporal", &enum_case_Temporal_value);

	zval enum_case_Task_value;
	zend_string *enum_case_Task_value_str = zend_string_init("task", strlen("task"), 1);
	ZVAL_STR(&enum_case_Task_value, enum_case_Task_value_str);
	zend_enum_add_case_cstr(class_entry, "Task", &enum_case_Task_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Codec(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Codec", IS_LONG, class_RrEmbed_Codec_methods);

	zval enum_case_Raw_value;
	ZVAL_LONG(&enum_case_Raw_value, 4);
	zend_enum_add_case_cstr(class_entry, "Raw", &enum_case_Raw_value);

	zval enum_case_Json_value;
	ZVAL_LONG(&enum_case_Json_value, 8);
	zend_enum_add_case_cstr(class_entry, "Json", &enum_case_Json_value);

	zval enum_case_Msgpack_value;
	ZVAL_LONG(&enum_case_Msgpack_value, 16);
	zend_enum_add_case_cstr(class_entry, "Msgpack", &enum_case_Msgpack_value);

	zval enum_case_Proto_value;
	ZVAL_LONG(&enum_case_Proto_value, 128);
	zend_enum_add_case_cstr(class_entry, "Proto", &enum_case_Proto_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_LogLevel(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\LogLevel", IS_LONG, class_RrEmbed_LogLevel_methods);

	zval enum_case_Debug_value;
	ZVAL_LONG(&enum_case_Debug_value, -4);
	zend_enum_add_case_cstr(class_entry, "Debug", &enum_case_Debug_value);

	zval enum_case_Info_value;
	ZVAL_LONG(&enum_case_Info_value, 0);
	zend_enum_add_case_cstr(class_entry, "Info", &enum_case_Info_value);

	zval enum_case_Warning_value;
	ZVAL_LONG(&enum_case_Warning_value, 4);
	zend_enum_add_case_cstr(class_entry, "Warning", &enum_case_Warning_value);

	zval enum_case_Error_value;
	ZVAL_LONG(&enum_case_Error_value, 8);
	zend_enum_add_case_cstr(class_entry, "Error", &enum_case_Error_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_RrEmbedException(zend_class_entry *class_entry_Throwable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "RrEmbedException", class_RrEmbed_Exception_RrEmbedException_methods);
	class_entry = zend_register_internal_interface(&ce);
	zend_class_implements(class_entry, 1, class_entry_Throwable);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_NotInServerException(zend_class_entry *class_entry_LogicException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "NotInServerException", class_RrEmbed_Exception_NotInServerException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_LogicException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_InvalidStateException(zend_class_entry *class_entry_LogicException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "InvalidStateException", class_RrEmbed_Exception_InvalidStateException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_LogicException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_UnsupportedException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "UnsupportedException", class_RrEmbed_Exception_UnsupportedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_TransportException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "TransportException", class_RrEmbed_Exception_TransportException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_TimeoutException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "TimeoutException", class_RrEmbed_Exception_TimeoutException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_ClientDisconnectedException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "ClientDisconnectedException", class_RrEmbed_Exception_ClientDisconnectedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_ServiceException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "ServiceException", class_RrEmbed_Exception_ServiceException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	zval property_method_default_value;
	ZVAL_UNDEF(&property_method_default_value);
	zend_string *property_method_name = zend_string_init("method", sizeof("method") - 1, 1);
	zend_declare_typed_property(class_entry, property_method_name, &property_method_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_method_name);

	zval property_serverMessage_default_value;
	ZVAL_UNDEF(&property_serverMessage_default_value);
	zend_string *property_serverMessage_name = zend_string_init("serverMessage", sizeof("serverMessage") - 1, 1);
	zend_declare_typed_property(class_entry, property_serverMessage_name, &property_serverMessage_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_serverMessage_name);

	return class_entry;
}
